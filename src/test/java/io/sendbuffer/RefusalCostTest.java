/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A refused acquire costs the same whatever the number of threads and chunks. */
@Tag("alone")
class RefusalCostTest {
    private static final int CHUNK = 1 << 10;
    private static final int CHUNKS = 4_096;
    private static final int THREADS = 2_000;

    /** A walk over threads or chunks took a millisecond or more. */
    private static final long LIMIT_NANOS = 1_000;

    /** The same limit, although it searches each of the 64 stripes for an idle chunk. */
    private static final long LIMIT_NANOS_IF_LARGE = 1_000;

    /** The stack trace of a test is deep. */
    private static final long LIMIT_NANOS_TO_THROW = 200_000;

    /** Other processes take caches and memory away at times; the cost is that of a round without them. */
    private static final int MAX_ROUNDS = 10;

    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory((long) CHUNKS * CHUNK)
            .stripes(64)
            .build());

    @Test
    void shouldCostTheSameWithManyThreadsAndChunks() {
        CountDownLatch acquired = new CountDownLatch(THREADS);
        CountDownLatch mayEnd = new CountDownLatch(1);
        List<Future<Boolean>> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Threads.start(() -> {
                pool.acquire(10).release();
                acquired.countDown();
                Threads.await(mayEnd);
                return true;
            }));
        }
        Threads.await(acquired);
        List<SendBuffer> all = fill();
        try {
            assertEquals(CHUNKS, pool.stats().reservedBytes() / CHUNK);
            requireCheap("small", LIMIT_NANOS, () -> assertNull(pool.tryAcquire(CHUNK)));
            requireCheap("large", LIMIT_NANOS_IF_LARGE, () -> assertNull(pool.tryAcquire(2 * CHUNK)));
            requireCheap(
                    "thrown",
                    LIMIT_NANOS_TO_THROW,
                    () -> assertThrows(PoolExhaustedException.class, () -> pool.acquire(CHUNK)));

            all.remove(0).release();
            all.add(pool.acquire(CHUNK)); // room is found at once
        } finally {
            mayEnd.countDown();
            threads.forEach(Threads::join);
            all.forEach(SendBuffer::release);
        }
    }

    private List<SendBuffer> fill() {
        List<SendBuffer> all = new ArrayList<>();
        for (int stripe = 0; stripe < 64; stripe++) {
            all.add(pool.allocateFromStripe(stripe, CHUNK, 1));
        }
        for (SendBuffer next = pool.tryAcquire(CHUNK); next != null; next = pool.tryAcquire(CHUNK)) {
            all.add(next);
        }
        return all;
    }

    private static void requireCheap(String which, long limitNanos, Runnable refusal) {
        compile(refusal);
        long median = Long.MAX_VALUE;
        for (int round = 0; round < MAX_ROUNDS && median > limitNanos; round++) {
            median = Math.min(median, medianNanos(refusal));
        }
        String measured = String.format(Locale.ROOT, "a refused acquire, %s: %,d ns", which, median);
        System.out.println(measured);
        assertTrue(median <= limitNanos, measured);
    }

    /** The second compiler takes its time: until then a refusal costs two to three times as much. */
    private static void compile(Runnable refusal) {
        long end = System.nanoTime() + WARM_UP_NANOS;
        while (System.nanoTime() - end < 0) {
            refusal.run();
        }
    }

    private static long medianNanos(Runnable refusal) {
        long[] nanos = new long[10_000];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            refusal.run();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2];
    }

    /** The exception's figures come from running sums; no code walks over the chunks. */
    @Test
    void shouldLookAtFewAllocatorsForEachRefusal() {
        ChunkAllocators allocators = new ChunkAllocators();
        int[] looks = new int[1];
        int[] found = new int[1];
        List<Thread> dead = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            dead.add(new Thread(() -> {}, "never started"));
            allocators.add(ChunkAllocator.of(i % 2 == 0 ? dead.get(i) : Thread.currentThread()));
        }
        while (found[0] < 500) {
            int before = found[0];
            allocators.takeOutDead(4, allocator -> found[0]++);
            assertTrue(found[0] - before <= 4);
            looks[0]++;
            assertTrue(looks[0] <= 300, "each dead thread is found within a round");
        }
        allocators.takeOutAllDead(allocator -> found[0]++);
        assertEquals(500, found[0], "each is found once");
        dead.forEach(thread -> assertNull(dead.indexOf(thread) % 2 == 0 ? allocators.of(thread) : null));
    }
}
