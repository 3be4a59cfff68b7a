/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Idle threads keep a part of the pool, but never leave other threads without memory while some is unused. */
class OwnChunksTest {
    private static final int CHUNK = 4_096;

    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final List<Future<Boolean>> parked = new ArrayList<>();

    private static SendBufferPool pool(int chunks, int stripes) {
        return Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory((long) chunks * CHUNK)
                .stripes(stripes)
                .build());
    }

    /** Starts threads; each runs an action and then stays alive until the end of the test. */
    private void park(int threads, Runnable action) {
        for (int i = 0; i < threads; i++) {
            CountDownLatch done = new CountDownLatch(1);
            parked.add(Threads.start(() -> {
                try {
                    action.run();
                } finally {
                    done.countDown();
                }
                Threads.await(mayEnd);
                return true;
            }));
            Threads.await(done);
        }
    }

    @AfterEach
    void end() {
        mayEnd.countDown();
        parked.forEach(Threads::join);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 64})
    void shouldServeAnotherThreadThoughEveryChunkHasAnIdleThread(int stripes) {
        SendBufferPool pool = pool(8, stripes);
        park(8, () -> pool.acquire(100).release());
        for (int i = 0; i < 100; i++) {
            pool.acquire(1).release();
            pool.acquire(CHUNK).release();
        }
        assertEquals(0, pool.stats().refusedAcquires());
    }

    /** The bound: three quarters are available, whatever idle threads own. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 7, 8, 40})
    void shouldLetIdleThreadsKeepAQuarterAtMost(int chunks) {
        SendBufferPool pool = pool(chunks, 4);
        park(2 * chunks, () -> pool.acquire(CHUNK / 2).release());
        List<SendBuffer> all = new ArrayList<>();
        for (SendBuffer next = pool.tryAcquire(CHUNK); next != null; next = pool.tryAcquire(CHUNK)) {
            all.add(next);
        }
        assertEquals(chunks - Math.max(1, chunks / 4), all.size());
        assertNull(pool.tryAcquire(CHUNK));
        all.remove(0).release();
        all.add(pool.acquire(CHUNK)); // the next acquire finds the room that a release made
        all.forEach(SendBuffer::release);
    }

    @Test
    void shouldLetNoThreadOwnTheOnlyChunk() {
        SendBufferPool pool = pool(1, 4);
        park(3, () -> pool.acquire(100).release());
        pool.acquire(CHUNK).release();
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @Test
    void shouldServeManyThreadsThatKeepOneSmallBufferEach() {
        SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(16 << 20).build());
        List<SendBuffer> kept = new ArrayList<>();
        park(200, () -> {
            SendBuffer buffer = pool.acquire(64).putLong(kept.size()).seal();
            kept.add(buffer); // one thread after the other
        });
        try (SendBuffer large = pool.acquire(256 << 10);
                SendBuffer small = pool.acquire(64)) {
            assertEquals(202, pool.stats().outstandingBuffers());
            assertNotNull(large.putLong(1));
            assertNotNull(small.putLong(2));
        }
        for (int i = 0; i < kept.size(); i++) {
            assertEquals(i, kept.get(i).getLong(0));
        }
        kept.forEach(SendBuffer::release);
        assertEquals(0, pool.stats().refusedAcquires());
    }

    /** There is nothing to test on JDKs without virtual threads. */
    @TestFactory
    List<DynamicTest> virtualThreads() {
        try {
            Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
            return List.of(DynamicTest.dynamicTest(
                    "shouldServeAVirtualThreadThoughEveryChunkHasAnIdleThread", () -> serveAVirtualThread(start)));
        } catch (NoSuchMethodException e) {
            return List.of();
        }
    }

    private void serveAVirtualThread(Method start) throws ReflectiveOperationException {
        SendBufferPool pool = pool(8, 2);
        List<SendBuffer> kept = new ArrayList<>();
        park(20, () -> kept.add(pool.acquire(8)));
        CountDownLatch served = new CountDownLatch(1);
        start.invoke(null, (Runnable) () -> {
            pool.acquire(CHUNK).release();
            pool.acquire(2 * CHUNK).release();
            served.countDown();
        });
        Threads.await(served);
        kept.forEach(SendBuffer::release);
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @Test
    void shouldFindRoomInWhicheverSharedChunkHasSome() {
        SendBufferPool pool = pool(4, 4);
        List<SendBuffer> kept = new ArrayList<>();
        for (int stripe = 0; stripe < 4; stripe++) {
            kept.add(pool.allocateFromStripe(stripe, stripe == 2 ? 100 : CHUNK, 1));
        }
        try (SendBuffer small = pool.acquire(1_000)) {
            assertEquals(kept.get(2).chunk(), small.chunk());
        }
        assertNull(pool.tryAcquire(CHUNK));
        kept.remove(3).release();
        try (SendBuffer whole = pool.acquire(CHUNK)) {
            assertEquals(0, whole.offset(), "a shared chunk that is idle begins again");
        }
        kept.forEach(SendBuffer::release);
    }

    @Test
    void shouldTakeBackIdleSharedChunksForALargeBuffer() {
        SendBufferPool pool = pool(8, 4);
        for (int stripe = 0; stripe < 4; stripe++) {
            SendBuffer buffer = pool.allocateFromStripe(stripe, 100, 1);
            assertNotNull(buffer);
            buffer.release();
        }
        assertEquals(4 * CHUNK, pool.stats().reservedBytes());
        pool.acquire(8 * CHUNK).release();
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @Test
    void shouldTrimWhatAnotherThreadLeftInTheSharedChunks() {
        SendBufferPool pool = pool(8, 4);
        park(8, () -> pool.acquire(100).release());
        assertTrue(pool.trim() > 0, "shared chunks are idle");
        assertEquals(2 * CHUNK, pool.stats().reservedBytes(), "live threads own a quarter");
    }

    @Test
    void shouldGiveThreadsAnotherChanceToOwnAChunk() {
        SendBufferPool pool = pool(8, 1);
        Threads.runInThreadThatDies(() -> pool.acquire(100).release());
        Threads.runInThreadThatDies(() -> pool.acquire(100).release());
        // Those two are dead, and soon found to be.
        SendBuffer last = pool.acquire(10);
        for (int i = 0; i < 500; i++) {
            last.release();
            last = pool.acquire(10);
        }
        ChunkAllocator allocator = last.chunk().allocator();
        assertTrue(allocator != null && allocator.owner() != null, "it still shares");
        last.release();
    }
}
