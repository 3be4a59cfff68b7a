/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the pool counts is what exists: off the heap, on it, and after any failure. */
class PoolAccountTest {
    private static final int CHUNK = 4_096;
    private static final int CAP = 64 * CHUNK;
    private static final int INITIAL_SLICES = 16;

    private final List<Throwable> reported = new ArrayList<>();

    private SendBufferPool.Builder with(SendBufferPool.Builder builder) {
        return builder.chunkSize(CHUNK).maxMemory(CAP).stripes(2).errorHandler(reported::add);
    }

    @Test
    void shouldCountTheObjectsOfTinyMessagesForTheCap() {
        SendBufferPool pool = Pools.track(with(SendBufferPool.builder()).build());
        List<SendBuffer> all = new ArrayList<>();
        for (SendBuffer next = pool.tryAcquire(32); next != null; next = pool.tryAcquire(32)) {
            all.add(next);
        }
        PoolStats full = pool.stats();
        long chunks = full.reservedBytes() / CHUNK;
        assertTrue(full.reservedBytes() + full.heapBytes() <= CAP, full::toString);
        assertTrue(full.heapBytes() >= (all.size() - chunks * INITIAL_SLICES) * Chunk.HEAP_BYTES_PER_SLICE);
        assertTrue(all.size() >= CAP / (32 + 2 * Chunk.HEAP_BYTES_PER_SLICE), () -> all.size() + " in " + full);

        all.forEach(SendBuffer::release);
        assertEquals(full.heapBytes(), pool.stats().heapBytes(), "free chunks keep their objects");
        assertTrue(pool.trim() > 0);
        assertEquals(0, pool.stats().heapBytes());
        assertEquals(0, pool.stats().reservedBytes());
    }

    @Test
    void shouldMakeRoomForLargeBuffersOfWhatTinyMessagesLeft() {
        SendBufferPool pool = Pools.track(with(SendBufferPool.builder()).build());
        for (int round = 0; round < 3; round++) {
            List<SendBuffer> all = new ArrayList<>();
            for (SendBuffer next = pool.tryAcquire(32); next != null; next = pool.tryAcquire(32)) {
                all.add(next);
            }
            all.forEach(SendBuffer::release);
            pool.acquire(CAP).release();
            long heap = pool.stats().heapBytes();
            assertTrue(heap <= CHUNK / 32 * Chunk.HEAP_BYTES_PER_SLICE, () -> heap + " bytes of heap are left");
        }
    }

    /**
     * Chunks that tiny messages have used serve other sizes in full: their objects are dropped when they are not
     * needed.
     */
    @Test
    void shouldNotLetObjectsOfTinyMessagesTakeTheRoomOfOthers() {
        SendBufferPool pool = Pools.track(with(SendBufferPool.builder()).build());
        List<SendBuffer> all = new ArrayList<>();
        for (SendBuffer next = pool.tryAcquire(32); next != null; next = pool.tryAcquire(32)) {
            all.add(next);
        }
        all.forEach(SendBuffer::release);
        all.clear();
        for (SendBuffer next = pool.tryAcquire(CHUNK); next != null; next = pool.tryAcquire(CHUNK)) {
            all.add(next);
        }
        assertTrue(all.size() >= CAP / CHUNK - 4, () -> all.size() + " in " + pool.stats());
        all.forEach(SendBuffer::release);
    }

    /** What an allocation throws. */
    private enum Failure {
        REFUSED,
        ERROR,
        EXCEPTION;

        ByteBuffer fail() {
            switch (this) {
                case REFUSED -> throw new OutOfMemoryError("on purpose");
                case ERROR -> throw new Error("on purpose");
                default -> throw new UnsupportedOperationException("on purpose");
            }
        }
    }

    /** E4: the n-th allocation fails, for all n, whatever it throws, until a run makes fewer allocations. */
    @ParameterizedTest
    @EnumSource
    void shouldCountAsBeforeWhicheverAllocationFails(Failure failure) {
        int failed = failEach((left, bytes) -> left == 0 ? failure.fail() : ByteBuffer.allocateDirect(bytes));
        assertTrue(failed > 10, () -> "only " + failed);
    }

    /** The same where every later allocation fails as well. */
    @ParameterizedTest
    @EnumSource
    void shouldCountAsBeforeWhereverAllocationsFailForever(Failure failure) {
        int failed = failEach((left, bytes) -> left <= 0 ? failure.fail() : ByteBuffer.allocateDirect(bytes));
        assertTrue(failed > 10, () -> "only " + failed);
    }

    /** Allocates n bytes, or fails if the countdown of allocations has reached the one that fails. */
    private interface Source {
        ByteBuffer allocate(int left, int bytes);
    }

    private int failEach(Source source) {
        long seed = TestSeed.next();
        for (int n = 0; ; n++) {
            int[] left = {n};
            SendBufferPool pool = Pools.track(with(SendBufferPool.builder())
                    .clock(new FastClock())
                    .memorySource(bytes -> source.allocate(left[0]--, bytes))
                    .build());
            useAndCheck(pool, new SplittableRandom(seed), seed);
            pool.close();
            assertEquals(List.of(), reported);
            if (left[0] >= 0) {
                return n; // it has fewer allocations
            }
        }
    }

    private static void useAndCheck(SendBufferPool pool, SplittableRandom random, long seed) {
        List<SendBuffer> alive = new ArrayList<>();
        long inUse = 0;
        for (int i = 0; i < 400; i++) {
            int capacity = random.nextInt(5) == 0 ? random.nextInt(4 * CHUNK) : random.nextInt(CHUNK);
            SendBuffer next = acquire(pool, capacity);
            if (next != null) {
                alive.add(next);
                inUse += capacity;
            }
            if (!alive.isEmpty() && (next == null || random.nextInt(3) == 0)) {
                SendBuffer last = alive.remove(random.nextInt(alive.size()));
                inUse -= last.capacity();
                last.release();
            }
            if (i % 50 == 49) {
                pool.trim();
            }
            PoolStats stats = pool.stats();
            assertEquals(alive.size(), stats.outstandingBuffers(), () -> stats + TestSeed.hint(seed));
            assertEquals(inUse, stats.inUseBytes(), () -> stats + TestSeed.hint(seed));
            assertTrue(stats.reservedBytes() + stats.heapBytes() <= CAP, stats::toString);
        }
        alive.forEach(SendBuffer::release);
        pool.trim();
        assertEquals(0, pool.stats().reservedBytes(), () -> "lost" + TestSeed.hint(seed));
        assertEquals(0, pool.stats().heapBytes(), () -> "lost" + TestSeed.hint(seed));
    }

    private static @Nullable SendBuffer acquire(SendBufferPool pool, int capacity) {
        try {
            return pool.tryAcquire(capacity);
        } catch (UnsupportedOperationException e) {
            return null;
        } catch (Error e) {
            assertEquals("on purpose", e.getMessage());
            return null;
        }
    }

    /** No back-off lasts. */
    private static final class FastClock implements NanoClock {
        private long now;

        @Override
        public long nanoTime() {
            return now += Growth.MAX_BACK_OFF_NANOS;
        }
    }

    @Test
    void shouldTryOnceAndNotForEachSharedChunk() {
        int[] attempts = new int[1];
        SendBufferPool starved = Pools.track(with(SendBufferPool.builder())
                .stripes(64)
                .directMemory(DirectMemory.UNKNOWN)
                .clock(() -> 0)
                .memorySource(bytes -> {
                    attempts[0]++;
                    throw new OutOfMemoryError("on purpose");
                })
                .build());
        for (int i = 0; i < 100; i++) {
            PoolExhaustedException e =
                    assertThrows(PoolExhaustedException.class, () -> starved.acquire(CHUNK), "for want of memory");
            ThrownText.assertSays(e, "raise -XX:MaxDirectMemorySize", "recently refused an allocation");
        }
        assertEquals(1, attempts[0]);
    }

    @Test
    void shouldWarnOfACapThatTheJvmCannotHold() {
        DirectMemory small = new DirectMemory(CAP - 1, () -> 0, CollectionRequests.NONE);
        Pools.track(with(SendBufferPool.builder()).directMemory(small).build());
        assertEquals(1, reported.size());
        ThrownText.assertSays(reported.get(0), "maxMemory 262,144", "262,143", "-XX:MaxDirectMemorySize");
        reported.clear();
        Pools.track(with(SendBufferPool.builder())
                .directMemory(new DirectMemory(CAP, () -> 0, CollectionRequests.NONE))
                .build());
        assertEquals(List.of(), reported);
    }

    @Test
    void shouldTakeADefaultThatTheJvmCanHold() {
        DirectMemory small = new DirectMemory(1 << 20, () -> 0, CollectionRequests.NONE);
        SendBufferPool pool = Pools.track(SendBufferPool.builder()
                .errorHandler(reported::add)
                .directMemory(small)
                .build());
        assertEquals(1 << 20, pool.stats().maxMemory());
        assertEquals(List.of(), reported);
    }

    @Test
    void shouldSayThatItIsTheJvmsLimit() {
        DirectMemory small = new DirectMemory(CHUNK, () -> 1, CollectionRequests.NONE);
        SendBufferPool pool =
                Pools.track(with(SendBufferPool.builder()).directMemory(small).build());
        PoolExhaustedException e = assertThrows(PoolExhaustedException.class, () -> pool.acquire(1));
        ThrownText.assertSays(e, "the cap has room", "-XX:MaxDirectMemorySize is 4,096", "all direct buffers take 1");
        assertEquals(0, pool.stats().reservedBytes());
    }

    @Test
    void shouldStampChunksWithTheirAgeWhenTheyAreFull() {
        SendBufferPool pool = Pools.track(with(SendBufferPool.builder()).build());
        SendBuffer first = pool.acquire(CHUNK);
        assertEquals(Chunk.CURRENT, first.chunk().ageOpaque(), "its thread keeps it");
        SendBuffer second = pool.acquire(2 * CHUNK);
        SendBuffer third = pool.acquire(CHUNK);
        assertTrue(second.chunk().ageOpaque() < Chunk.CURRENT, "a large one is full at once");
        assertTrue(first.chunk().ageOpaque() >= second.chunk().ageOpaque());
        second.release();
        long age = first.chunk().ageOpaque();
        SendBuffer fourth = pool.acquire(2 * CHUNK);
        assertTrue(age < fourth.chunk().ageOpaque(), "a chunk that is used again");
        first.release();
        third.release();
        fourth.release();
    }
}
