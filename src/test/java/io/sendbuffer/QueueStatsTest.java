/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a queue says of itself. */
class QueueStatsTest {
    private static final int CHUNK = 1 << 10;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(64 * CHUNK).build());
    private final HostileChannel channel = HostileChannel.takingAll();
    private final SendQueue queue = new SendQueue(new QueueLimits(500, 4, 500, 4));

    @AfterEach
    void close() {
        queue.close();
    }

    private OfferResult offer(SendQueue to, int length) {
        try (SendBuffer message = pool.acquire(length)) {
            message.seal(length);
            return to.offer(message);
        }
    }

    /** Has the pool hand out chunks, of which nothing stays. */
    private void pass(int chunks) {
        SendBuffer last = pool.acquire(CHUNK);
        for (int i = 1; i < chunks; i++) {
            SendBuffer next = pool.acquire(CHUNK);
            last.release();
            last = next;
        }
        last.release();
    }

    @Test
    void shouldCountWhatWasWrittenRefusedAndIsQueued() {
        offer(queue, 10);
        offer(queue, 20);
        queue.flush(channel);
        offer(queue, 400);
        assertTrue(offer(queue, 200).isRefused());

        QueueStats stats = queue.stats();

        assertEquals(30, stats.writtenBytes());
        assertEquals(2, stats.writtenMessages());
        assertEquals(400, stats.queuedBytes());
        assertEquals(1, stats.queuedMessages());
        assertEquals(1, stats.refusedMessages());
        assertFalse(stats.isWritable());
        assertFalse(stats.isClosed());
    }

    @Test
    void shouldSayForHowLongItsChannelHasTakenNothing() {
        offer(queue, 10);
        queue.flush(channel);
        assertEquals(0, queue.stats().stalledNanos());
        offer(queue, 10);
        channel.block(2);

        queue.flush(channel);
        long before = System.nanoTime();
        long first = queue.stats().stalledNanos();
        queue.flush(channel);
        long second = queue.stats().stalledNanos();

        assertTrue(first > 0);
        assertTrue(
                second >= first && second <= first + System.nanoTime() - before, "a write of nothing is no progress");
        queue.flush(channel);
        assertEquals(0, queue.stats().stalledNanos());
    }

    @Test
    void shouldBeginAnewWhenTheChannelTakesSome() {
        offer(queue, 10);
        queue.flush(channel.block(1));
        long start = System.nanoTime();

        queue.flush(channel.takeAtMost(5));

        assertTrue(queue.stats().stalledNanos() <= System.nanoTime() - start);
    }

    @Test
    void shouldMeasureHowFarItIsBehindInWhatThePoolHandsOut() {
        offer(queue, 10);
        assertEquals(0, queue.stats().bytesBehind(), "its chunk is still in use by others");

        pass(5);

        long behind = queue.stats().bytesBehind();
        assertTrue(behind >= 4 * CHUNK && behind <= 6 * CHUNK, () -> behind + " bytes");
        queue.flush(channel);
        assertEquals(0, queue.stats().bytesBehind());
    }

    @Test
    void shouldCountEachChunkThatItKeepsOnce() {
        offer(queue, 10);
        offer(queue, 10);
        assertEquals(CHUNK, queue.pinnedBytes());
        pass(2);
        offer(queue, 10);
        assertEquals(2 * CHUNK, queue.pinnedBytes());

        queue.flush(channel.block(1));
        assertEquals(2 * CHUNK, queue.pinnedBytes(), "what a write has left counts as well");

        queue.flush(channel);
        assertEquals(0, queue.pinnedBytes());
    }

    @Test
    void shouldNameTheQueuesThatAreFarthestBehind() {
        SendQueue first = new SendQueue();
        SendQueue second = new SendQueue();
        SendQueue ahead = new SendQueue();
        offer(ahead, 10);
        ahead.flush(channel);
        offer(first, 10);
        pass(3);
        offer(second, 10);
        pass(3);

        assertEquals(List.of(first, second), pool.farthestBehind(3));
        assertEquals(List.of(first), pool.farthestBehind(1));

        first.close();
        assertEquals(List.of(second), pool.farthestBehind(3));
        second.close();
        ahead.close();
    }

    @Test
    void shouldKeepWhatItWasAtTheEnd() {
        offer(queue, 10);
        queue.flush(channel);
        offer(queue, 20);
        offer(queue, 30);

        queue.flush(channel.failAfter(15));

        QueueStats last = queue.stats();
        assertTrue(last.isClosed());
        assertTrue(queue.failure() instanceof IOException);
        assertEquals(1, last.writtenMessages());
        assertEquals(2, last.unwrittenMessages());
        assertEquals(0, last.queuedBytes());
        assertEquals(0, last.stalledNanos());
        assertEquals(0, last.bytesBehind());
    }
}
