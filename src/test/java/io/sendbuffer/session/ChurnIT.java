/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that constantly come and go while others broadcast: none misses a message after the first one it saw. */
@Timeout(60)
class ChurnIT {
    private static final int SENDERS = 3;
    private static final int AT_ONCE = 40;
    private static final int CONNECTIONS = 1000;
    private static final int MAX_STAY = 60;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final AtomicInteger gone = new AtomicInteger();

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldGiveEveryClientAnUnbrokenRunOfMessages(WriteMode mode) throws Exception {
        SendBufferPool pool = Pools.create();
        FanOutServer server = new FanOutServer(mode, QueueLimits.DEFAULT, 0, index -> false);
        try (server;
                ClientSwarm swarm = new ClientSwarm(server.socket, 0)) {
            swarm.start(() -> replaceWhoLeft(swarm));

            Threads.runTogether(SENDERS, sender -> publishUntilAllAreGone(server, swarm, pool, sender));

            swarm.requireHealthy();
            Await.until("the group is empty", () -> server.group.size() == 0);
            requireEachCameAndWent(server, swarm);
        }
        server.requireAllEndedOnce();
    }

    private void requireEachCameAndWent(FanOutServer server, ClientSwarm swarm) throws Exception {
        Await.until("every session ended", () -> server.members.stream().allMatch(RecordingListener::isClosed));
        assertEquals(CONNECTIONS, swarm.clients.size(), hint());
        assertEquals(CONNECTIONS, server.members.size(), hint());
        assertTrue(swarm.clients.stream().allMatch(client -> client.received.get() > 0), hint());
    }

    /** Runs on the swarm's thread. */
    private void replaceWhoLeft(ClientSwarm swarm) throws IOException {
        while (swarm.clients.size() < CONNECTIONS && swarm.clients.size() - gone.get() < AT_ONCE) {
            swarm.connect(
                    swarm.clients.size(),
                    new Sequences(Sequences.Rule.NO_GAP, SENDERS),
                    leavingAfter(1 + random.nextInt(MAX_STAY), random.nextBoolean()));
        }
    }

    private SwarmClient.Mood leavingAfter(int messages, boolean reset) {
        return (client, count) -> {
            if (count == messages) {
                if (reset) {
                    client.reset();
                } else {
                    client.close();
                }
                gone.incrementAndGet();
            }
        };
    }

    private void publishUntilAllAreGone(FanOutServer server, ClientSwarm swarm, SendBufferPool pool, int sender)
            throws Exception {
        Frames.Writer writer = new Frames.Writer(pool, sender, seed);
        Await.until("all clients came and went", () -> gone.get() == CONNECTIONS, () -> {
            swarm.requireHealthy();
            try (SendBuffer message = writer.next()) {
                server.broadcastWhenThereIsRoom(message, session -> true);
            }
        });
    }

    private String hint() {
        return TestSeed.hint(seed);
    }
}
