/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * {@link SmallJvmTest} and {@link SmallJvmRefusalTest} run this in JVMs with little memory. Each case prints what it
 * measured, and throws if it fails.
 */
final class SmallJvmMain {
    private static final int MIB = 1 << 20;

    private SmallJvmMain() {}

    public static void main(String[] args) {
        switch (args[0]) {
            case "refuse" -> refuseFast(Integer.parseInt(args[1]), true);
            case "blind" -> refuseFast(4, false);
            case "large" -> reuseLargeBuffers();
            case "mixed" -> cutSmallOnesFromLargeOnes();
            case "regrow" -> growAfterATrim();
            case "decay" -> growAfterADecay();
            case "pools" -> useOnePoolAfterTheOther();
            case "current" -> leaveCurrentChunksBehind();
            case "larger" -> serveLargerOnes();
            case "tiny" -> fillWithTinyMessages();
            case "heap" -> acquireWithoutHeap();
            case "default" -> reachTheDefaultCap();
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.println("passed");
    }

    /** The JVM's limit is far below the cap. If the pool cannot read it, the pool hits it once. */
    private static void refuseFast(int stripes, boolean seen) {
        List<Throwable> reported = new ArrayList<>();
        try (SendBufferPool pool = Pools.track(SendBufferPool.builder()
                .maxMemory(1L << 30)
                .stripes(stripes)
                .errorHandler(reported::add)
                .build())) {
            require(reported.size() == (seen ? 1 : 0), "warnings: " + reported);
            require(!seen || reported.toString().contains("-XX:MaxDirectMemorySize"), reported.toString());
            List<SendBuffer> all = new ArrayList<>();
            long began = System.nanoTime();
            SendBuffer next = pool.tryAcquire(60_000);
            long slowest = 0;
            while (next != null) {
                all.add(next);
                began = System.nanoTime();
                next = pool.tryAcquire(60_000);
                slowest = Math.max(slowest, System.nanoTime() - began);
            }
            long first = System.nanoTime() - began;
            long[] nanos = new long[2_000];
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                requireRefused(pool.tryAcquire(60_000));
                requireRefused(pool.tryAcquire(MIB));
                nanos[i] = System.nanoTime() - start;
            }
            long median = medianOf(nanos) / 2;
            System.out.printf(
                    Locale.ROOT,
                    "%d buffers, then the first refusal %,d ns, the median one %,d ns; slowest acquire %,d ns%n",
                    all.size(),
                    first,
                    median,
                    slowest);
            require(all.size() * 60_000L > 24L * MIB, "refused too early");
            require(!seen || first < 100_000_000, "the first refusal hit the JVM's limit");
            require(median < 20_000, "a refusal is slow");
            requireMessage(pool);
            all.remove(all.size() - 1).release();
            all.forEach(SendBuffer::release);
            pool.acquire(60_000).release();
        }
    }

    private static void requireMessage(SendBufferPool pool) {
        try {
            pool.acquire(60_000).release();
        } catch (PoolExhaustedException e) {
            require(String.valueOf(e.getMessage()).contains("raise -XX:MaxDirectMemorySize"), e.toString());
            return;
        }
        throw new AssertionError("it was not refused");
    }

    private static void reuseLargeBuffers() {
        try (SendBufferPool pool = Pools.track(SendBufferPool.builder().build())) {
            long collections = collections();
            for (int i = 0; i < 1_000; i++) {
                pool.acquire(MIB).putInt(i).seal().release();
                pool.acquire(MIB - 5_000 * (i % 7)).release();
            }
            System.out.println(pool.stats());
            require(collections() == collections, "there was a collection");
            require(pool.stats().refusedAcquires() == 0, "an acquire was refused");
            require(pool.stats().reservedBytes() < 4L * MIB, "more is kept than was ever alive");
        }
    }

    /** All memory that the JVM provides was used in large pieces, was released, and is now needed in small pieces. */
    private static void cutSmallOnesFromLargeOnes() {
        try (SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(60L * MIB).build())) {
            fillAndRelease(pool, 5 * MIB, 10);
            fillAndRelease(pool, 3 * MIB, 10);
            for (int round = 0; round < 3; round++) {
                fillAndRelease(pool, 100_000, 300);
                pool.trim();
            }
            require(pool.stats().refusedAcquires() == 0, pool.stats().toString());
        }
    }

    private static void fillAndRelease(SendBufferPool pool, int capacity, int count) {
        List<SendBuffer> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(pool.acquire(capacity).putInt(i));
        }
        for (int i = 0; i < count; i++) {
            require(all.get(i).getInt(0) == i, "two buffers share memory");
            all.get(i).release();
        }
    }

    private static void growAfterATrim() {
        try (SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(50L * MIB).build())) {
            for (int round = 0; round < 5; round++) {
                fillAndRelease(pool, 128 << 10, 390);
                require(pool.trim() > 48L * MIB, "it kept idle memory");
            }
            require(pool.stats().refusedAcquires() == 0, pool.stats().toString());
        }
    }

    /** With the timer of production. */
    private static void growAfterADecay() {
        try (SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(60L * MIB).build())) {
            for (int round = 0; round < 2; round++) {
                fillAndRelease(pool, 128 << 10, 450);
                require(pool.stats().reservedBytes() > 50L * MIB, pool.stats().toString());
                long start = System.nanoTime();
                long floor = (8L * MIB) + (128 << 10); // the caller's current chunk is not free
                while (pool.stats().reservedBytes() > floor) {
                    require(System.nanoTime() - start < 60_000_000_000L, "it stays: " + pool.stats());
                    LockSupport.parkNanos(10_000_000);
                }
            }
            require(pool.stats().refusedAcquires() == 0, pool.stats().toString());
        }
    }

    /** What a closed pool leaves is not collected, and takes most of what the JVM provides. */
    private static void useOnePoolAfterTheOther() {
        for (int round = 0; round < 20; round++) {
            int chunkSize = round < 10 ? 128 << 10 : 64 << 10; // what was small is not joined
            try (SendBufferPool pool = Pools.track(SendBufferPool.builder()
                    .maxMemory(50L * MIB)
                    .chunkSize(chunkSize)
                    .build())) {
                fillAndRelease(pool, 64 << 10, 700);
                require(pool.stats().refusedAcquires() == 0, "round " + round + ": " + pool.stats());
            }
        }
    }

    /** A thread that lives on keeps the chunk that it had when another one closed the pool. */
    private static void leaveCurrentChunksBehind() {
        ExecutorService worker = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 40; round++) {
                SendBufferPool pool = Pools.track(SendBufferPool.builder()
                        .maxMemory(32L * MIB)
                        .chunkSize(4 * MIB)
                        .build());
                worker.submit(() -> acquireSoon(pool).release()).get();
                pool.close();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        } finally {
            worker.shutdown();
        }
    }

    /** The collector, which another thread calls, frees what other pools left. */
    private static SendBuffer acquireSoon(SendBufferPool pool) {
        long start = System.nanoTime();
        SendBuffer buffer = pool.tryAcquire(100);
        while (buffer == null) {
            require(System.nanoTime() - start < 5_000_000_000L, "refused for long: " + pool.stats());
            LockSupport.parkNanos(1_000_000);
            buffer = pool.tryAcquire(100);
        }
        return buffer;
    }

    /** Random sizes use up the JVM's limit with small pieces: a larger buffer is served after a collection. */
    private static void serveLargerOnes() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        try (SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(48L * MIB).build())) {
            for (int i = 0; i < 3_000; i++) {
                SendBuffer next = pool.tryAcquire(1 + random.nextInt(8 * MIB));
                if (next != null) {
                    next.release();
                }
            }
            for (int size : new int[] {20 * MIB, 40 * MIB}) {
                long start = System.nanoTime();
                SendBuffer large = pool.tryAcquire(size);
                while (large == null && System.nanoTime() - start < 30_000_000_000L) {
                    LockSupport.parkNanos(1_000_000);
                    large = pool.tryAcquire(size);
                }
                if (large == null) {
                    throw new AssertionError(size + " bytes refused, " + pool.stats());
                }
                System.out.printf(Locale.ROOT, "%,d bytes after %,d us%n", size, (System.nanoTime() - start) / 1_000);
                large.release();
            }
            System.out.println(pool.stats());
        }
    }

    private static void fillWithTinyMessages() {
        try (SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(256L * MIB).build())) {
            SendBuffer[] all = new SendBuffer[8 << 20];
            int count = 0;
            for (SendBuffer next = pool.tryAcquire(32); next != null; next = pool.tryAcquire(32)) {
                all[count++] = next.putLong(count);
            }
            PoolStats full = pool.stats();
            System.out.println(count + " buffers, " + full);
            require(full.reservedBytes() + full.heapBytes() <= full.maxMemory(), "above the cap");
            require(count > 2_000_000, "refused too early");
            for (int i = 0; i < count; i++) {
                all[i].release();
            }
            require(pool.stats().inUseBytes() == 0, "not all came back");
            pool.trim();
            require(pool.stats().heapBytes() == 0, "released heap is still counted");
        }
    }

    /** The default cap is no more than the JVM's limit, so it is the cap that refuses. */
    private static void reachTheDefaultCap() {
        try (SendBufferPool pool = Pools.track(SendBufferPool.builder()
                .errorHandler(error -> {
                    throw new AssertionError(error);
                })
                .build())) {
            List<SendBuffer> all = new ArrayList<>();
            for (SendBuffer next = pool.tryAcquire(100_000); next != null; next = pool.tryAcquire(100_000)) {
                all.add(next);
            }
            System.out.println(all.size() + " buffers, " + pool.stats());
            require(pool.stats().maxMemory() <= Runtime.getRuntime().maxMemory(), "the default is above the limit");
            all.forEach(SendBuffer::release);
        }
    }

    /**
     * Chunks and slices need objects; when the heap has no room for them, acquires are refused, and nothing is lost.
     */
    private static void acquireWithoutHeap() {
        try (SendBufferPool pool = Pools.track(SendBufferPool.builder()
                .chunkSize(16 << 10)
                .maxMemory(32L * MIB)
                .build())) {
            SendBuffer[] all = new SendBuffer[1 << 20];
            Object[] ballast = new Object[100_000];
            int count = 0;
            long refused = 0;
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 50; i++) {
                    all[count++] = pool.acquire(100);
                }
                int filled = fillHeap(ballast);
                for (int i = 0; i < 100; i++) {
                    SendBuffer next = pool.tryAcquire(i % 50 == 0 ? 20_000 : 16);
                    if (next != null) {
                        all[count++] = next;
                    }
                }
                for (int i = 0; i < filled; i++) {
                    ballast[i] = null; // no call: a method's first call may need heap, which is full
                }
                refused = pool.stats().refusedAcquires();
                requireCounted(pool, all, count);
            }
            System.out.println(count + " acquired, " + refused + " refused for lack of heap");
            require(refused > 0, "there was enough heap: the test shows nothing");
            for (int i = 0; i < count; i++) {
                all[i].release();
            }
            requireCounted(pool, all, 0);
            pool.trim();
            PoolStats left = pool.stats();
            require(left.reservedBytes() == 0 && left.heapBytes() == 0, "kept: " + left);
        }
    }

    private static int fillHeap(Object[] ballast) {
        int filled = 0;
        int smallest = MIB;
        for (int size = MIB; size >= 16; size /= 4) {
            try {
                while (filled < ballast.length) {
                    ballast[filled] = new byte[size];
                    filled++;
                }
            } catch (OutOfMemoryError e) {
                smallest = size; // as many smaller ones as there is room for
            }
        }
        return smallest == 16 ? filled : ballast.length;
    }

    private static void requireCounted(SendBufferPool pool, SendBuffer[] all, int count) {
        PoolStats stats = pool.stats();
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += all[i].capacity();
        }
        require(stats.outstandingBuffers() == count, stats + " instead of " + count);
        require(stats.inUseBytes() == bytes, stats + " instead of " + bytes);
        require(stats.reservedBytes() + stats.heapBytes() <= stats.maxMemory(), stats.toString());
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    private static long medianOf(long[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static void requireRefused(@Nullable SendBuffer buffer) {
        require(buffer == null, "it was not refused: " + Objects.toString(buffer));
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
