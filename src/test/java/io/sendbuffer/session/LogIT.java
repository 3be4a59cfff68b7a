/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogRetention;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One log to hundreds of clients over real sockets: every client gets every byte of every publisher, in order. */
@Timeout(60)
class LogIT {
    private static final int CLIENTS = 300;
    private static final int MESSAGES = 1200;

    /** Small, so that subscribers fall behind it. */
    private static final LogRetention RETENTION =
            LogRetention.DEFAULT.withMaxBytes(32 << 10).withMaxMessages(64);

    @ParameterizedTest
    @CsvSource({"1, LOOP", "2, LOOP", "4, LOOP", "2, INLINE"})
    void shouldDeliverEverythingInOrderToSubscribersThatHoldTheLog(int publishers, WriteMode mode) throws Exception {
        long seed = TestSeed.next();
        SendBufferPool pool = Pools.create();
        FanOutServer server = new FanOutServer(mode, QueueLimits.DEFAULT, Loopback.SMALL, index -> false);
        BroadcastLog log = BroadcastLog.builder(pool).retention(RETENTION).build();
        try (log;
                server;
                ClientSwarm swarm = new ClientSwarm(server.socket, Loopback.SMALL)) {
            for (int i = 0; i < CLIENTS; i++) {
                swarm.connect(i, new Sequences(Sequences.Rule.ALL, publishers), SwarmClient.Mood.GOOD);
            }
            server.awaitMembers(CLIENTS);
            server.group.forEach(session -> assertNotNull(session.subscribe(log, OverrunPolicy.hold())));
            swarm.start();

            Threads.runTogether(
                    publishers,
                    publisher -> publish(server, log, new Frames.Writer(pool, publisher, seed), MESSAGES / publishers));

            swarm.awaitReceived(swarm.clients, MESSAGES); // a multiple of each number of publishers
            Await.until("the log is empty", () -> log.stats().retainedMessages() == 0);
        }
        server.requireAllEndedOnce();
    }

    /** Some to the log, and some to each session alone, which must not overtake. */
    private static void publish(FanOutServer server, BroadcastLog log, Frames.Writer writer, int messages)
            throws Exception {
        for (int i = 0; i < messages; i++) {
            try (SendBuffer message = writer.next()) {
                if (ThreadLocalRandom.current().nextInt(4) == 0) {
                    assertEquals(CLIENTS, server.broadcastWhenThereIsRoom(message, session -> true));
                } else {
                    assertTrue(log.append(message, Duration.ofSeconds(20)) >= 0);
                }
            }
        }
    }
}
