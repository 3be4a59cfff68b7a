/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One hard cap on everything that the pool holds, and what happens when it is reached. */
class SendBufferPoolCapTest {
    private static final int CHUNK = 4_096;
    private static final int CHUNKS = 4;
    private static final int CAP = CHUNKS * CHUNK;

    private final SendBufferPool pool = pool(MemorySource.DIRECT);

    private static SendBufferPool pool(MemorySource source) {
        return Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(CAP)
                .stripes(1)
                .memorySource(source)
                .build());
    }

    @ParameterizedTest
    @ValueSource(ints = {CHUNK / 3, CHUNK / 2, CHUNK, CHUNK + 1, 2 * CHUNK, CAP})
    void shouldRefuseWhatWouldPassTheCap(int size) {
        List<SendBuffer> all = new ArrayList<>();
        for (SendBuffer next = pool.tryAcquire(size); next != null; next = pool.tryAcquire(size)) {
            all.add(next);
        }
        int fit = size <= CHUNK ? CHUNKS * (CHUNK / size) : CAP / size;
        assertEquals(fit, all.size());
        assertEquals(1, pool.stats().refusedAcquires());
        assertThrows(PoolExhaustedException.class, () -> pool.acquire(size));
        assertEquals(2, pool.stats().refusedAcquires());
        assertEquals((long) fit * size, pool.stats().inUseBytes());

        all.remove(0).release();
        if (size > CHUNK / 2) {
            all.add(pool.acquire(size));
        }
        all.forEach(SendBuffer::release);
    }

    @Test
    void shouldNameTheCapAndWhereTheMemoryIsWhenItThrows() {
        SendBuffer pinning = pool.acquire(CHUNK);
        pinning.retain();
        try (SendBuffer small = pool.acquire(10);
                SendBuffer large = pool.acquire(2 * CHUNK)) {
            Exception e = assertThrows(PoolExhaustedException.class, () -> pool.acquire(CHUNK));
            assertSays(
                    e,
                    String.format(Locale.ROOT, "no room for a buffer of %,d bytes", CHUNK),
                    String.format(Locale.ROOT, "maxMemory %,d", CAP),
                    String.format(Locale.ROOT, "reserved %,d by chunks, 0 by heap objects", CAP),
                    "0 of both free, 1 chunks owned by a thread",
                    "release buffers, raise maxMemory",
                    "SendBufferPool.stats() counts what is in use");
            assertEquals(
                    small.capacity() + large.capacity() + CHUNK, pool.stats().inUseBytes());
        }
        pinning.release(2);
    }

    @Test
    void shouldRefuseALargeBufferAboveTheCapAtOnce() {
        assertNull(pool.tryAcquire(CAP + 1));
        assertNull(pool.tryAcquire(Integer.MAX_VALUE));
        assertThrows(PoolExhaustedException.class, () -> pool.acquire(Integer.MAX_VALUE, 4_096));
        assertEquals(0, pool.stats().reservedBytes());
        assertEquals(3, pool.stats().refusedAcquires());
    }

    @Test
    void shouldStillServeSmallBuffersFromAChunkThatIsCurrentAtTheCap() {
        List<SendBuffer> all = new ArrayList<>();
        for (int i = 1; i < CHUNKS; i++) {
            all.add(pool.acquire(CHUNK));
        }
        all.add(pool.acquire(CHUNK - 100));
        assertNull(pool.tryAcquire(101));
        all.add(pool.acquire(100));
        all.forEach(SendBuffer::release);
    }

    @Test
    void shouldLetIdleChunksGoForALargeBuffer() {
        List<SendBuffer> all = new ArrayList<>();
        for (int i = 0; i < CHUNKS; i++) {
            all.add(pool.acquire(CHUNK));
        }
        all.forEach(SendBuffer::release);
        assertEquals(CAP, pool.stats().idleBytes());
        // One of them is this thread's current chunk, which stays.
        try (SendBuffer large = pool.acquire(CAP - CHUNK)) {
            assertEquals(CAP - CHUNK, pool.stats().pinnedBytes());
            assertEquals(large.capacity(), pool.stats().inUseBytes());
            assertEquals(CHUNK, pool.stats().idleBytes());
        }
    }

    @Test
    void shouldTakeBackTheChunkOfADeadThread() {
        fillAllButOneChunkAndThen(() -> {
            Threads.runInThreadThatDies(() -> pool.acquire(10).release());
            assertEquals(CHUNK, pool.stats().idleBytes());
            try (SendBuffer ofDeadThreadsChunk = pool.acquire(CHUNK)) {
                assertEquals(0, pool.stats().idleBytes());
                assertEquals(CHUNK, ofDeadThreadsChunk.capacity());
            }
        });
    }

    @Test
    void shouldTakeBackTheChunkOfADeadThreadWithItsLastBuffer() {
        fillAllButOneChunkAndThen(() -> {
            List<SendBuffer> left = new ArrayList<>();
            Threads.runInThreadThatDies(
                    () -> left.add(pool.acquire(10).putInt(5).seal()));
            assertNull(pool.tryAcquire(CHUNK), "the dead thread's buffer is still alive");
            assertEquals(5, left.get(0).getInt(0));
            left.get(0).release();
            pool.acquire(CHUNK).release();
        });
    }

    private void fillAllButOneChunkAndThen(Runnable action) {
        List<SendBuffer> others = new ArrayList<>();
        for (int i = 1; i < CHUNKS; i++) {
            others.add(pool.acquire(CHUNK));
        }
        action.run();
        others.forEach(SendBuffer::release);
    }

    @Test
    void shouldTrimWhatIsIdle() {
        SendBuffer kept = pool.acquire(CHUNK);
        pool.acquire(CHUNK).release();
        Threads.runInThreadThatDies(() -> pool.acquire(CHUNK).release());
        assertEquals(3 * CHUNK, pool.stats().reservedBytes());
        assertEquals(2 * CHUNK, pool.trim());
        assertEquals(CHUNK, pool.stats().reservedBytes());
        assertEquals(0, pool.stats().idleBytes());
        assertEquals(0, pool.trim());
        kept.release();
        assertEquals(CHUNK, pool.trim());
        pool.acquire(CHUNK).release();
    }

    @Test
    void shouldRefuseAndGiveTheReservationBackWhenTheJvmHasNoMemory() {
        SendBufferPool starved = pool(bytes -> {
            throw new OutOfMemoryError("none left, says the test");
        });
        assertNull(starved.tryAcquire(10));
        assertNull(starved.tryAcquire(2 * CHUNK));
        assertThrows(PoolExhaustedException.class, () -> starved.acquire(10));
        assertEquals(new PoolStats(CAP, 0, 0, 0, 0, 0, 3, 0, 0), starved.stats());
    }

    @Test
    void shouldGiveTheReservationBackWhenTheMemorySourceThrows() {
        SendBufferPool broken = pool(bytes -> {
            throw new UnsupportedOperationException("broken, says the test");
        });
        assertThrows(UnsupportedOperationException.class, () -> broken.acquire(10));
        assertThrows(UnsupportedOperationException.class, () -> broken.acquire(2 * CHUNK));
        assertEquals(0, broken.stats().reservedBytes());
    }

    @Test
    void shouldUseASharedChunkWhenTheThreadCannotHaveItsOwn() {
        // There is one chunk: a thread that owned it would keep the others from it.
        SendBufferPool shared = Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(CHUNK)
                .stripes(1)
                .build());
        SendBuffer first = shared.acquire(100).putInt(1).seal();
        assertEquals(4, shared.stats().inUseBytes(), "the tail of a shared chunk comes back too");
        SendBuffer ofOtherThread = Threads.join(Threads.start(() -> shared.acquire(100)));
        ofOtherThread.putInt(2).seal();
        assertEquals(8, shared.stats().inUseBytes(), "any thread may give a tail of a shared chunk back");
        assertEquals(first.offset() + 4, ofOtherThread.offset());
        assertNull(shared.tryAcquire(CHUNK));
        assertEquals(1, first.getInt(0));
        first.release();
        ofOtherThread.release();
        shared.acquire(CHUNK).release();
    }
}
