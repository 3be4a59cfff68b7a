/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that send as fast as they can delay neither what the loop writes nor each other. */
@Tag("alone")
@Timeout(30)
class FloodedLoopTest {
    private static final int FLOODING = 50;

    /** What a loop reads in a turn: its quantum, and the receive that exceeds it. */
    private static final int MAX_BYTES_OF_A_TURN = (256 << 10) + (64 << 10);

    private static final int LENGTH = 100;

    private final SendBufferPool pool = Pools.create();
    private final List<Loopback> floods = new ArrayList<>();
    private final List<RecordingListener> flooded = new ArrayList<>();
    private final ByteBuffer junk = ByteBuffer.allocateDirect(256 << 10);

    private HandDrivenLoop loop() throws IOException {
        return new HandDrivenLoop(SendLoop.builder().maxSelectTime(Duration.ZERO));
    }

    private void addFlooding(HandDrivenLoop loop) throws IOException {
        for (int i = 0; i < FLOODING; i++) {
            Loopback connection = loop.connect();
            RecordingListener listener = new RecordingListener();
            loop.open(connection, listener);
            floods.add(connection);
            flooded.add(listener);
        }
        flood();
    }

    /** Fills the kernel's buffers. */
    private void flood() throws IOException {
        for (Loopback connection : floods) {
            while (connection.peer.write(junk.clear()) > 0) {
                // until it takes no more
            }
        }
    }

    private long received() {
        return flooded.stream().mapToLong(each -> each.receivedBytes.get()).sum();
    }

    @Test
    void shouldReadNoMoreThanItsQuantumInATurn() throws Exception {
        try (HandDrivenLoop loop = loop()) {
            addFlooding(loop);
            for (int turn = 0; turn < 100; turn++) {
                long before = received();
                loop.dutyCycle();
                long read = received() - before;
                assertTrue(read <= MAX_BYTES_OF_A_TURN, () -> read + " bytes in one turn");
                flood();
            }
        }
    }

    @Test
    void shouldReadFromAllThatFlood() throws Exception {
        try (HandDrivenLoop loop = loop()) {
            addFlooding(loop);
            int turns = 10 * FLOODING;
            for (int turn = 0; turn < turns; turn++) {
                loop.dutyCycle();
                flood();
            }
            long fair = received() / FLOODING;
            for (RecordingListener listener : flooded) {
                long share = listener.receivedBytes.get();
                assertTrue(share >= fair / 4, () -> share + " bytes of one, " + fair + " is fair");
            }
        }
    }

    @Test
    void shouldReadFromOneThatSaysLittleWhileOthersFlood() throws Exception {
        try (HandDrivenLoop loop = loop()) {
            addFlooding(loop);
            Loopback quiet = loop.connect();
            RecordingListener listener = new RecordingListener();
            loop.open(quiet, listener);
            quiet.peer.write(ByteBuffer.allocate(1));
            int turns = 0;
            while (listener.receivedBytes.get() == 0) {
                loop.dutyCycle();
                flood();
                turns++;
                assertTrue(turns < 2 * FLOODING, "not received");
            }
        }
    }

    @Test
    void shouldWriteABroadcastInTheNextTurn() throws Exception {
        try (HandDrivenLoop loop = loop()) {
            addFlooding(loop);
            SessionGroup group = new SessionGroup();
            List<Loopback> listening = new ArrayList<>();
            List<Session> sessions = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Loopback connection = loop.connect();
                Session session = loop.open(connection, new RecordingListener());
                assertTrue(group.add(session));
                listening.add(connection);
                sessions.add(session);
            }
            int rounds = 20;
            for (int round = 0; round < rounds; round++) {
                try (SendBuffer message = NumberedMessages.sealed(pool, round, LENGTH)) {
                    assertEquals(listening.size(), group.broadcast(message));
                }
                long before = received();
                loop.dutyCycle();
                long read = received() - before;
                assertTrue(read <= MAX_BYTES_OF_A_TURN, () -> read + " bytes before it was written");
                sessions.forEach(session -> assertEquals(0, session.queuedBytes(), "written in the same turn"));
                flood();
            }
            for (Loopback connection : listening) {
                NumberedMessages.requireMessages(connection.readFully(rounds * LENGTH), rounds, LENGTH);
            }
        }
    }

    @Test
    void shouldWriteABacklogWhileOthersFlood() throws Exception {
        try (HandDrivenLoop loop = loop()) {
            addFlooding(loop);
            Loopback reading = loop.connect();
            Session session = loop.open(reading, new RecordingListener());
            int count = 10_000;
            for (int number = 0; number < count; number++) {
                try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                    assertEquals(OfferResult.QUEUED, session.queue(message));
                }
            }
            session.flush();
            int[] turns = {0};
            ByteBuffer all = ByteBuffer.allocate(count * LENGTH);
            Await.until("all arrived", () -> !all.hasRemaining(), () -> {
                loop.dutyCycle();
                reading.read(all);
                turns[0]++;
            });
            NumberedMessages.requireMessages(all.array(), count, LENGTH);
            long max = (turns[0] + 1L) * MAX_BYTES_OF_A_TURN;
            assertTrue(received() <= max, () -> received() + " bytes in " + turns[0] + " turns");
        }
    }
}
