/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session with a long queue does not delay the others on its loop. */
@Tag("alone")
@Timeout(30)
class FairnessTest {
    private static final int LENGTH = 1_000;
    private static final int TURN = 10 * LENGTH;
    private static final int BACKLOG = 100;

    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldServeTheOthersAfterATurnsWorthOfABacklog() throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(SendLoop.builder()
                .writeMode(WriteMode.LOOP)
                .writeQuantum(TURN)
                .maxSelectTime(Duration.ZERO)
                .queueLimits(QueueLimits.DEFAULT.withMaxBytesPerWrite(LENGTH)))) {
            Loopback first = loop.connect();
            Session greedy = loop.open(first, new RecordingListener());
            Session modest = loop.open(loop.connect(), new RecordingListener());
            queue(greedy, BACKLOG);
            greedy.flush();
            queue(modest, 1);
            modest.flush();

            loop.dutyCycle();

            assertEquals((BACKLOG - 10) * LENGTH, greedy.queuedBytes(), "its turn, and no more");
            assertEquals(0, modest.queuedBytes(), "served in the same turn of the loop");
            loop.dutyCyclesUntil("the backlog is written", () -> greedy.queuedBytes() == 0);
            NumberedMessages.requireMessages(first.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
        }
    }

    @Test
    void shouldHandTheRestToTheLoopWhenTheTurnOfASenderIsOver() throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(SendLoop.builder()
                .writeMode(WriteMode.INLINE)
                .writeQuantum(TURN)
                .maxSelectTime(Duration.ZERO)
                .queueLimits(QueueLimits.DEFAULT.withMaxBytesPerWrite(LENGTH)))) {
            Session session = loop.open(loop.connect(), new RecordingListener());
            queue(session, BACKLOG);
            session.flush();
            assertEquals((BACKLOG - 10) * LENGTH, session.queuedBytes());
            loop.dutyCyclesUntil("the backlog is written", () -> session.queuedBytes() == 0);
        }
    }

    @Test
    void shouldReceiveFromTheOthersWhileABacklogIsWritten() throws Exception {
        AtomicInteger turns = new AtomicInteger();
        RecordingListener talking = new RecordingListener();
        try (HandDrivenLoop loop = new HandDrivenLoop(SendLoop.builder()
                .writeMode(WriteMode.LOOP)
                .writeQuantum(1)
                .maxSelectTime(Duration.ZERO)
                .queueLimits(QueueLimits.DEFAULT.withMaxBytesPerWrite(LENGTH)))) {
            Session greedy = loop.open(loop.connect(), new RecordingListener());
            Loopback other = loop.connect();
            loop.open(other, talking);
            queue(greedy, BACKLOG);
            greedy.flush();
            other.peer.write(ByteBuffer.allocate(1));
            Await.until("its bytes were received", () -> talking.receivedBytes.get() == 1, () -> {
                turns.incrementAndGet();
                loop.dutyCycle();
            });
            assertTrue(greedy.queuedBytes() > 0, () -> "only after " + turns + " turns, when all was written");
        }
    }

    private void queue(Session session, int count) {
        for (int number = 0; number < count; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertEquals(OfferResult.QUEUED, session.queue(message));
            }
        }
    }
}
