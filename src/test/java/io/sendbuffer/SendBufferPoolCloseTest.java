/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The end of a pool: it hands out nothing new, outstanding buffers stay valid, and all memory comes back. */
class SendBufferPoolCloseTest {
    private static final int CHUNK = 4_096;

    private final List<Throwable> reported = new ArrayList<>();
    private final SendBufferPool pool = smallPool();

    private SendBufferPool smallPool() {
        return Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(64 * CHUNK)
                .errorHandler(reported::add)
                .build());
    }

    @Test
    void shouldRefuseEveryAcquireAfterTheClose() {
        pool.acquire(10).release();
        pool.close();
        assertSays(assertThrows(IllegalStateException.class, () -> pool.acquire(10)), "the pool is closed");
        assertThrows(IllegalStateException.class, () -> pool.acquire(10, 64));
        assertThrows(IllegalStateException.class, () -> pool.acquire(2 * CHUNK));
        assertThrows(IllegalStateException.class, () -> pool.tryAcquire(10));
        Future<?> other = Threads.start(() -> assertThrows(IllegalStateException.class, () -> pool.acquire(10)));
        Threads.join(other);
        assertEquals(0, pool.stats().reservedBytes());
        assertEquals(0, pool.stats().refusedAcquires(), "a programming error is not a refusal");
        assertEquals(List.of(), reported);
    }

    @Test
    void shouldKeepOutstandingBuffersValidUntilTheirLastRelease() {
        SendBuffer small = pool.acquire(100).putInt(1).seal().retain();
        SendBuffer writable = pool.acquire(100).putInt(2);
        SendBuffer large = pool.acquire(2 * CHUNK).putInt(3).seal();
        pool.acquire(CHUNK).release();
        pool.close();

        assertEquals(3, pool.stats().outstandingBuffers());
        assertEquals(3 * CHUNK, pool.stats().reservedBytes(), "idle memory is discarded at once");
        assertEquals(1, small.getInt(0));
        writable.putInt(4).seal();
        assertEquals(4, writable.getInt(4));
        assertEquals(3, large.getInt(0));

        large.release();
        assertEquals(CHUNK, pool.stats().reservedBytes());
        small.release(2);
        writable.release();
        assertEquals(new PoolStats(64 * CHUNK, 0, 0, 0, 0, 0, 0, 0, 0), pool.stats());
    }

    @Test
    void shouldReportWhatIsOutstandingOnce() {
        SendBuffer first = pool.acquire(100);
        SendBuffer second = pool.acquire(200);
        pool.close();
        pool.close();
        assertEquals(1, reported.size(), reported::toString);
        assertSays(
                reported.get(0),
                "2 buffers outstanding",
                "300 bytes in use",
                String.format(Locale.ROOT, "%,d pinned", CHUNK));
        first.release();
        second.release();
        pool.close();
        assertEquals(1, reported.size(), reported::toString);
    }

    @Test
    void shouldLetTheChunkOfALivingThreadGoWithItsLastBuffer() {
        CountDownLatch closed = new CountDownLatch(1);
        BlockingQueue<SendBuffer> handedOver = new ArrayBlockingQueue<>(2);
        Future<Boolean> owner = Threads.start(() -> {
            SendBuffer own = pool.acquire(100).putInt(1).seal();
            handedOver.add(pool.acquire(100).putInt(2).seal());
            handedOver.add(own.retain());
            Threads.await(closed);
            return own.release();
        });
        SendBuffer foreign = takeFrom(handedOver);
        SendBuffer shared = takeFrom(handedOver);
        pool.close();
        assertEquals(2, pool.stats().outstandingBuffers());
        foreign.release();
        assertEquals(CHUNK, pool.stats().reservedBytes());
        shared.release();
        closed.countDown();
        assertTrue(Threads.join(owner), "the owner of the chunk had the last reference");
        assertEquals(0, pool.stats().reservedBytes());
    }

    private static SendBuffer takeFrom(BlockingQueue<SendBuffer> queue) {
        return Threads.join(Threads.start(queue::take));
    }

    @Test
    void shouldCloseTwiceAndTrimAfterTheCloseWithoutEffect() {
        pool.acquire(10).release();
        pool.close();
        pool.close();
        assertEquals(0, pool.trim());
        assertEquals(0, pool.stats().reservedBytes());
    }

    @Test
    void shouldLeakNothingWhenItIsClosedAmongAcquiresAndReleases() {
        int rounds = 300;
        for (int round = 0; round < rounds; round++) {
            SendBufferPool racing = smallPool();
            BlockingQueue<SendBuffer> exchange = new ArrayBlockingQueue<>(16);
            Threads.runTogether(4, thread -> {
                if (thread == 0) {
                    racing.acquire(thread).release();
                    racing.close();
                } else {
                    acquireUntilClosed(racing, exchange);
                }
            });
            exchange.forEach(SendBuffer::release);
            PoolStats left = racing.stats();
            assertEquals(
                    new PoolStats(64 * CHUNK, 0, 0, 0, 0, 0, left.refusedAcquires(), 0, 0), left, "round " + round);
        }
    }

    /** Half of the buffers are released by a thread other than the one that acquired them. */
    private static void acquireUntilClosed(SendBufferPool racing, BlockingQueue<SendBuffer> exchange) {
        try {
            for (int i = 0; ; i++) {
                SendBuffer buffer = racing.acquire(i % 64 == 0 ? 2 * CHUNK : 64);
                buffer.putInt(i).seal();
                if (i % 2 == 1) {
                    buffer.release();
                } else if (!exchange.offer(buffer)) {
                    buffer.release();
                    exchange.forEach(waiting -> releaseIfRemoved(exchange, waiting));
                }
            }
        } catch (IllegalStateException expected) {
            assertSays(expected, "the pool is closed");
        }
    }

    private static void releaseIfRemoved(BlockingQueue<SendBuffer> exchange, SendBuffer waiting) {
        if (exchange.remove(waiting)) {
            waiting.release();
        }
    }
}
