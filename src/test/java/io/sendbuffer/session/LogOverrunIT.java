/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogOverrunException;
import io.sendbuffer.LogRetention;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subscribers over real sockets that stop to read: each costs its own messages, and the others get everything. */
@Timeout(60)
class LogOverrunIT {
    private static final int CLIENTS = 60;
    private static final int MESSAGES = 4000;
    private static final long RETAINED_BYTES = 256 << 10;

    /** As many chunks as the loop's and the publisher's current ones, a plan's, and the copies of rests may take. */
    private static final long OTHER_BYTES = 1 << 20;

    /** A third keeps up, a third is to be ended, a third would skip if it ever read again. */
    private static boolean keepsUp(int index) {
        return index % 3 == 0;
    }

    private static boolean isToEnd(int index) {
        return index % 3 == 1;
    }

    @Test
    void shouldCostTheOthersNothingWhenSubscribersStall() throws Exception {
        long seed = TestSeed.next();
        SendBufferPool pool = Pools.create();
        FanOutServer server = new FanOutServer(WriteMode.LOOP, QueueLimits.DEFAULT, Loopback.SMALL, index -> false);
        BroadcastLog log = BroadcastLog.builder(pool)
                .retention(LogRetention.DEFAULT.withMaxBytes(RETAINED_BYTES))
                .build();
        try (log;
                server;
                ClientSwarm swarm = new ClientSwarm(server.socket, Loopback.SMALL)) {
            for (int i = 0; i < CLIENTS; i++) {
                Sequences.Rule rule = keepsUp(i) ? Sequences.Rule.ALL : Sequences.Rule.RISING;
                swarm.connect(i, new Sequences(rule, 1), keepsUp(i) ? SwarmClient.Mood.GOOD : LogOverrunIT::stall);
            }
            server.awaitMembers(CLIENTS);
            for (FanOutServer.Member member : server.members) {
                Session session = member.session;
                assertNotNull(session);
                assertNotNull(session.subscribe(log, policyOf(member.index)));
            }
            List<SwarmClient> good = swarm.clients.stream()
                    .filter(client -> keepsUp(client.index))
                    .toList();
            swarm.start();

            Frames.Writer writer = new Frames.Writer(pool, 0, seed);
            for (int i = 0; i < MESSAGES; i++) {
                try (SendBuffer message = writer.next()) {
                    assertEquals(i, log.append(message), TestSeed.hint(seed));
                }
                if (i % 50 == 49) { // never farther ahead of those that read than the retention
                    swarm.awaitReceived(good, i + 1L);
                    assertTrue(pool.stats().pinnedBytes() <= RETAINED_BYTES + OTHER_BYTES, () -> pool.stats() + "");
                }
            }

            for (FanOutServer.Member member : server.members) {
                if (isToEnd(member.index)) {
                    Await.until("client " + member.index + " ended", () -> member.closed.get() == 1);
                    assertInstanceOf(LogOverrunException.class, member.cause);
                } else {
                    assertEquals(0, member.closed.get());
                }
            }
            assertEquals(CLIENTS / 3, log.stats().ends());
        }
        server.requireAllEndedOnce();
    }

    private static OverrunPolicy policyOf(int index) {
        return keepsUp(index) ? OverrunPolicy.hold() : isToEnd(index) ? OverrunPolicy.end() : OverrunPolicy.skip();
    }

    private static void stall(SwarmClient client, long count) {
        if (count == 5) {
            client.stopReading();
        }
    }

    @Test
    void shouldRefuseASubscriptionOfASessionThatEnded() throws Exception {
        SendBufferPool pool = Pools.create();
        FanOutServer server = new FanOutServer(WriteMode.LOOP, QueueLimits.DEFAULT, 0, index -> false);
        try (BroadcastLog log = BroadcastLog.builder(pool).build();
                server;
                ClientSwarm swarm = new ClientSwarm(server.socket, Loopback.SMALL)) {
            swarm.connect(0, new Sequences(Sequences.Rule.ALL, 1), SwarmClient.Mood.GOOD);
            server.awaitMembers(1);
            Session session = server.members.get(0).session;
            assertNotNull(session);
            swarm.start();

            session.abort();

            assertNull(session.subscribe(log));
        }
    }
}
