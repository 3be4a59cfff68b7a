/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How far a queue is behind: by the oldest of its messages, and for each pool by itself. */
@Timeout(30)
class SheddingAgeTest extends SheddingFixture {
    /** A thread that sends seldom fills its chunk slowly: a message in it may be as new as any. */
    @Test
    void shouldNotTakeAMessageForOldBecauseItsChunkHasBeenCurrentForLong() throws Exception {
        CompletableFuture<SendBuffer> sent = new CompletableFuture<>();
        CountDownLatch over = new CountDownLatch(1);
        Future<Boolean> thread = Threads.start(() -> {
            sent.complete(pool.acquire(8).putLong(1).seal());
            return over.await(30, TimeUnit.SECONDS); // the chunk of a thread that ended is no thread's current one
        });
        SendBuffer heartbeat = Threads.join(sent);
        SendQueue slow = stalled(pool, 1);
        pass(pool, 2 * CHUNKS);
        SendQueue healthy = new SendQueue();
        healthy.offer(heartbeat);
        healthy.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        exhaust();

        chunk(pool).release();

        requireShed(slow);
        assertFalse(healthy.isClosed());
        healthy.close();
        heartbeat.release();
        over.countDown();
        Threads.join(thread);
        releaseHeld();
    }

    /**
     * The first message's chunk was another thread's current one until just now; what follows it is old nevertheless.
     */
    @Test
    void shouldTakeAQueueForAsOldAsTheOldestOfItsFirstMessages() throws Exception {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(CHUNK / 2)); // one message per write
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            SendBuffer first =
                    other.submit(() -> pool.acquire(CHUNK / 2).seal(CHUNK / 2)).get();
            queue.offer(first);
            first.release();
            offer(queue, pool, 8);
            assertEquals(
                    FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
            pass(pool, 2 * MIN_LAG_IN_CHUNKS);
            exhaust();
            held.remove(0).release();
            held.add(other.submit(() -> chunk(pool)).get()); // only now does it have another one

            SendBuffer next = chunk(pool);

            requireShed(queue);
            next.release();
            releaseHeld();
        } finally {
            other.shutdown();
        }
    }

    /**
     * The first message's chunk stays current for as long as its thread acquires nothing: a heartbeat, for instance.
     */
    @Test
    void shouldNotTakeAQueueForYoungBecauseItsFirstMessageIsInACurrentChunk() throws Exception {
        SendQueue queue = new SendQueue();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            SendBuffer first =
                    other.submit(() -> pool.acquire(CHUNK / 2).seal(CHUNK / 2)).get();
            queue.offer(first);
            offer(queue, pool, 8);
            assertEquals(
                    FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
            pass(pool, 2 * MIN_LAG_IN_CHUNKS);
            exhaust();

            SendBuffer next = chunk(pool);

            requireShed(queue);
            next.release();
            first.release();
            releaseHeld();
        } finally {
            other.shutdown();
        }
    }

    @Test
    void shouldTakeAQueueForAsYoungAsWhatItsLastWriteLeft() {
        SendQueue queue = new SendQueue();
        HostileChannel channel = HostileChannel.takingAll().block(1);
        offer(queue, pool, 3);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendBuffer last = chunk(pool);
        queue.offer(last);
        pass(pool, 1); // so that it is no longer in the current chunk

        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(3 * CHUNK)));

        assertEquals(1, queue.queuedMessages());
        assertEquals(last.chunk().ageOpaque(), queue.holder.oldestAge(last.chunk().store));
        queue.close();
        last.release();
    }

    @Test
    void shouldMeasureEachPoolByItself() {
        SendBufferPool other = pool(true);
        pass(other, 5 * CHUNKS);
        SendQueue both = stalled(pool, 1);
        offer(both, other, 1);
        SendQueue early = stalled(other, 1);
        pass(other, 2 * CHUNKS);
        pass(pool, MIN_LAG_IN_CHUNKS + 1);
        List<SendBuffer> ofOther = new ArrayList<>();
        exhaust(other, ofOther);

        chunk(other).release();

        requireShed(early);
        requireShed(both); // its second message is of that pool
        assertEquals(0, pool.stats().outstandingBuffers());
        ofOther.forEach(SendBuffer::release);
    }

    /** Each pool of a batch knows the queue, whichever of the messages comes first. */
    @Test
    void shouldEndAQueueThatHasABatchOfSeveralPools() {
        SendBufferPool other = pool(true);
        SendQueue queue = new SendQueue();
        try (SendBuffer first = chunk(other);
                SendBuffer second = chunk(pool);
                SendBatch batch = new SendBatch()) {
            batch.add(first).add(second).seal();
            assertEquals(OfferResult.QUEUED, queue.offer(batch));
            assertEquals(
                    FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
            assertEquals(OfferResult.QUEUED, queue.offer(batch)); // after those that are being written
        }
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        exhaust();

        chunk(pool).release();

        requireShed(queue);
        releaseHeld();
    }

    @Test
    void shouldNotEndAQueueForTheMessagesOfAnotherPool() {
        SendBufferPool other = pool(true);
        SendQueue both = stalled(other, 1);
        pass(other, MIN_LAG_IN_CHUNKS);
        exhaust();
        for (int i = 0; i < MIN_LAG_IN_CHUNKS / 2; i++) {
            held.remove(0).release();
        }
        offer(both, pool, 1);
        exhaust();

        assertNull(pool.tryAcquire(CHUNK));

        assertFalse(both.isClosed(), "it has lagged for long, but with no message of this pool");
        both.close();
        releaseHeld();
    }
}
