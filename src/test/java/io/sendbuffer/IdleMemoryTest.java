/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Memory that is not needed is discarded gradually, down to the floor, and is found again. */
@Tag("alone")
class IdleMemoryTest {
    private static final int CHUNK = 4_096;
    private static final int FLOOR = 10 * CHUNK;

    private final Queue<Runnable> looks = new ArrayDeque<>();
    private final List<Throwable> reported = new ArrayList<>();
    private @Nullable Error toThrow;

    private final SendBufferPool pool =
            Pools.track(with(SendBufferPool.builder()).build());

    private SendBufferPool.Builder with(SendBufferPool.Builder builder) {
        return builder.chunkSize(CHUNK)
                .maxMemory(1_000 * CHUNK)
                .idleFloor(FLOOR)
                .errorHandler(reported::add)
                .idleTimer(look -> {
                    if (toThrow != null) {
                        throw toThrow;
                    }
                    looks.add(look);
                });
    }

    private List<SendBuffer> acquire(int count, int capacity) {
        List<SendBuffer> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(pool.acquire(capacity));
        }
        return all;
    }

    /** Lets the time until the next check pass; false if no check was requested. */
    private boolean look() {
        Runnable next = looks.poll();
        if (next != null) {
            next.run();
            assertTrue(looks.size() <= 1, "one check at a time");
        }
        return next != null;
    }

    @Test
    void shouldFallToTheFloorAfterABurst() {
        acquire(800, CHUNK).forEach(SendBuffer::release);
        assertEquals(800 * CHUNK, pool.stats().reservedBytes());
        int count = 0;
        while (look()) {
            count++;
        }
        assertTrue(count > 3, "gradually, not at once");
        assertTrue(count < 20, () -> "slowly: " + looks);
        // The caller's own chunk is not free.
        assertEquals(FLOOR + CHUNK, pool.stats().reservedBytes());
        assertEquals(0, looks.size(), "no check while nothing is above the floor");
    }

    @Test
    void shouldAskForNoLookBelowTheFloor() {
        acquire(10, CHUNK).forEach(SendBuffer::release);
        assertEquals(0, looks.size());
    }

    @Test
    void shouldKeepWhatIsNeededRepeatedly() {
        for (int i = 0; i < 50; i++) {
            acquire(300, CHUNK).forEach(SendBuffer::release);
            assertTrue(look());
            assertTrue(pool.stats().reservedBytes() >= 299 * CHUNK, "it was needed since the last check");
        }
    }

    @Test
    void shouldDiscardFreeLargeChunksToo() {
        acquire(20, 20 * CHUNK).forEach(SendBuffer::release);
        assertEquals(400 * CHUNK, pool.stats().reservedBytes());
        while (look()) {
            assertTrue(reported.isEmpty());
        }
        assertTrue(pool.stats().reservedBytes() <= FLOOR);
    }

    @Test
    void shouldTakeDiscardedMemoryBeforeItAsksForMore() {
        int[] allocations = new int[1];
        SendBufferPool counting = Pools.track(with(SendBufferPool.builder())
                .memorySource(bytes -> {
                    allocations[0]++;
                    return MemorySource.DIRECT.allocate(bytes);
                })
                .build());
        List<SendBuffer> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(counting.acquire(CHUNK));
        }
        List<Object> memory = new ArrayList<>(); // held, so that it is not collected
        all.forEach(buffer -> memory.add(buffer.chunk().memory));
        all.forEach(SendBuffer::release);
        assertEquals(100 * CHUNK, counting.trim());
        all.clear();
        for (int i = 0; i < 100; i++) {
            SendBuffer again = counting.acquire(CHUNK);
            assertTrue(memory.stream().anyMatch(known -> known == again.chunk().memory));
            all.add(again);
        }
        assertEquals(100, allocations[0]);
        all.forEach(SendBuffer::release);
    }

    @Test
    void shouldContinueWhateverTheTimerThrows() {
        toThrow = new OutOfMemoryError("unable to create native thread, says the test");
        List<SendBuffer> all = acquire(100, CHUNK);
        for (SendBuffer buffer : all.subList(0, 50)) {
            buffer.release();
        }
        assertTrue(reported.contains(toThrow));
        assertEquals(0, looks.size());
        toThrow = null;
        all.subList(50, 100).forEach(SendBuffer::release);
        while (look()) {
            assertEquals(0, pool.stats().inUseBytes());
        }
        assertEquals(FLOOR + CHUNK, pool.stats().reservedBytes());
    }

    @Test
    void shouldLookNoMoreAfterTheClose() {
        acquire(100, CHUNK).forEach(SendBuffer::release);
        assertEquals(1, looks.size());
        pool.close();
        assertTrue(look());
        assertEquals(0, looks.size());
        assertEquals(List.of(), reported);
    }

    @Test
    void shouldKeepNoPoolAlive() {
        WeakReference<SendBufferPool> forgotten = new WeakReference<>(forgottenPool());
        assertEquals(1, looks.size());
        awaitCollected(() -> forgotten.get() == null);
        assertTrue(look());
        assertEquals(0, looks.size());
    }

    private SendBufferPool forgottenPool() {
        // Not tracked, or the tracker would keep it; in a separate thread, or this one's thread-locals would.
        List<SendBufferPool> made = new ArrayList<>();
        Threads.runInThreadThatDies(() -> {
            SendBufferPool forgotten =
                    Pools.track(with(SendBufferPool.builder()).build());
            List<SendBuffer> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(forgotten.acquire(CHUNK));
            }
            all.forEach(SendBuffer::release);
            made.add(forgotten);
        });
        Pools.forget(made.get(0));
        return made.get(0);
    }

    @SuppressWarnings("ThreadPriorityCheck") // The yield is for machines with few processors.
    private static void awaitCollected(BooleanSupplier done) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!done.getAsBoolean() && System.nanoTime() < deadline) {
            System.gc();
            Thread.yield();
        }
        assertTrue(done.getAsBoolean(), "something keeps it alive");
    }

    @Test
    void shouldDiscardTheMemoryOfThreadsThatEnded() throws Exception {
        int count = 100;
        CountDownLatch acquired = new CountDownLatch(count);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> {
                pool.acquire(16).release(); // from a chunk of its own, which stays its current one
                acquired.countDown();
                Threads.await(acquired);
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, looks.size());
        long before = pool.stats().reservedBytes(); // finds that they ended
        assertTrue(before > 2 * FLOOR, () -> "it was " + before);
        while (look()) {
            assertTrue(reported.isEmpty());
        }
        assertTrue(pool.stats().reservedBytes() <= FLOOR, () -> "it is " + pool.stats());
    }

    /** The production timer: a thread of the JDK, and no call to the pool. */
    @Test
    void shouldLookByItself() {
        CountDownLatch looked = new CountDownLatch(1);
        IdleTimer.every(TimeUnit.MILLISECONDS.toNanos(1)).schedule(() -> {
            assertTrue(Thread.currentThread().isDaemon());
            looked.countDown();
        });
        Threads.await(looked);
    }

    @Test
    void shouldReuseALargeBuffersMemoryForOneOfAboutTheSameSize() {
        Object memory;
        try (SendBuffer large = pool.acquire(10 * CHUNK)) {
            memory = large.chunk().memory;
        }
        for (int capacity : new int[] {10 * CHUNK, 10 * CHUNK - 100, 9 * CHUNK + 1}) {
            try (SendBuffer again = pool.acquire(capacity)) {
                assertSame(memory, again.chunk().memory, () -> "of " + capacity);
            }
        }
        try (SendBuffer muchSmaller = pool.acquire(2 * CHUNK)) {
            assertTrue(memory != muchSmaller.chunk().memory, "most of it would be wasted");
        }
    }

    @Test
    void shouldHoldALargeBufferOfTheWholeCap() {
        acquire(500, CHUNK).forEach(SendBuffer::release);
        for (int i = 0; i < 3; i++) {
            try (SendBuffer whole = pool.acquire(1_000 * CHUNK)) {
                assertNull(pool.tryAcquire(1));
                assertEquals(1_000 * CHUNK, whole.capacity());
            }
            acquire(1_000, CHUNK).forEach(SendBuffer::release);
        }
    }
}
