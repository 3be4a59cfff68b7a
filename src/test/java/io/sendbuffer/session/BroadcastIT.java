/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One message to hundreds of clients over real sockets: every client gets every byte of every sender, in order. */
@Timeout(60)
class BroadcastIT {
    private static final int CLIENTS = 500;
    private static final int MESSAGES = 240;

    /** Small, so that senders run into blocked sockets: the kernel alone would take all that is sent here. */
    private static final QueueLimits LIMITS = QueueLimits.DEFAULT.withMaxQueuedBytes(64 << 10);

    @ParameterizedTest
    @CsvSource({"1, INLINE", "2, INLINE", "4, INLINE", "8, INLINE", "1, LOOP", "2, LOOP", "4, LOOP", "8, LOOP"})
    void shouldDeliverEverythingToAllInOrder(int senders, WriteMode mode) throws Exception {
        long seed = TestSeed.next();
        SendBufferPool pool = Pools.create();
        FanOutServer server = new FanOutServer(mode, LIMITS, Loopback.SMALL, index -> false);
        try (server;
                ClientSwarm swarm = new ClientSwarm(server.socket, Loopback.SMALL)) {
            for (int i = 0; i < CLIENTS; i++) {
                swarm.connect(i, new Sequences(Sequences.Rule.ALL, senders), SwarmClient.Mood.GOOD);
            }
            server.awaitMembers(CLIENTS);
            swarm.start();

            Threads.runTogether(
                    senders, sender -> publish(server, new Frames.Writer(pool, sender, seed), senders, seed));

            swarm.awaitReceived(swarm.clients, MESSAGES);
            assertEquals(
                    MESSAGES * CLIENTS,
                    swarm.clients.stream()
                            .mapToLong(client -> client.received.get())
                            .sum());
        }
        server.requireAllEndedOnce();
    }

    private static void publish(FanOutServer server, Frames.Writer writer, int senders, long seed) throws Exception {
        for (int i = 0; i < MESSAGES / senders; i++) {
            try (SendBuffer message = writer.next()) {
                int accepted = server.broadcastWhenThereIsRoom(message, session -> true);
                assertEquals(CLIENTS, accepted, "message " + i + TestSeed.hint(seed));
            }
        }
    }
}
