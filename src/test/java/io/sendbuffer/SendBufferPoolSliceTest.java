/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where slices lie, and how much of the chunk they keep. */
class SendBufferPoolSliceTest {
    private static final int CHUNK = 4_096;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(16 * CHUNK).build());

    @Test
    void shouldLayMessagesSealedInSequenceSideBySide() {
        int end = 0;
        List<SendBuffer> messages = new ArrayList<>();
        for (int length = 1; length < 50; length++) {
            SendBuffer message = pool.acquire(512).putBytes(new byte[length]).seal();
            messages.add(message);
            assertEquals(end, message.offset());
            end += length;
            assertEquals(end, pool.stats().inUseBytes());
        }
        assertEquals(CHUNK, pool.stats().reservedBytes());
        messages.forEach(SendBuffer::release);
    }

    @Test
    void shouldKeepTheTailOfASliceThatIsNotTheLastOne() {
        try (SendBuffer first = pool.acquire(100);
                SendBuffer second = pool.acquire(100)) {
            first.putInt(1).seal();
            assertEquals(200, pool.stats().inUseBytes());
            second.putInt(2).seal();
            assertEquals(104, pool.stats().inUseBytes());
            assertEquals(100, second.offset() - first.offset());
        }
    }

    @Test
    void shouldKeepTheTailWhenAnotherThreadSeals() {
        SendBuffer buffer = pool.acquire(100);
        Threads.runInThreadThatDies(() -> buffer.putInt(1).seal());
        assertEquals(100, pool.stats().inUseBytes());
        try (SendBuffer next = pool.acquire(100)) {
            assertSame(buffer.chunk(), next.chunk());
            assertEquals(buffer.offset() + 100, next.offset());
            assertEquals(1, buffer.getInt(0));
        }
        buffer.release();
    }

    @Test
    void shouldKeepTheTailWhenTheThreadHasMovedToAnotherChunk() {
        try (SendBuffer first = pool.acquire(CHUNK);
                SendBuffer second = pool.acquire(100)) {
            assertNotSame(first.chunk(), second.chunk());
            first.putInt(1).seal();
            assertEquals(CHUNK + 100, pool.stats().inUseBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 64, 512, 4_096})
    void shouldAlignTheFirstByte(int alignment) {
        // An odd start, a small slice, a large buffer, and one that only its alignment makes large.
        for (int capacity : new int[] {100, 3 * CHUNK, CHUNK}) {
            try (SendBuffer odd = pool.acquire(3).putBytes(new byte[3]).seal();
                    SendBuffer aligned = pool.acquire(capacity, alignment)) {
                assertEquals(0, aligned.memory.alignmentOffset(aligned.offset(), alignment), () -> "of " + capacity);
                assertEquals(capacity, aligned.capacity());
                aligned.putBytes(new byte[capacity]);
                assertEquals(3, odd.length());
                assertEquals(3 + capacity, pool.stats().inUseBytes(), "padding is not in use");
            }
        }
    }

    @Test
    void shouldGiveALargeBufferAChunkOfItsOwn() {
        try (SendBuffer small = pool.acquire(CHUNK);
                SendBuffer large = pool.acquire(CHUNK + 1)) {
            assertTrue(large.chunk().forOneBuffer);
            assertEquals(0, large.offset());
            assertTrue(!small.chunk().forOneBuffer, "a buffer of one chunk is not large");
            PoolStats stats = pool.stats();
            int sizeClass = CHUNK + CHUNK / 8;
            assertEquals(CHUNK + sizeClass, stats.reservedBytes());
            assertEquals(2 * CHUNK + 1, stats.inUseBytes());
            assertEquals(CHUNK + sizeClass, stats.pinnedBytes());
            assertEquals(2, stats.outstandingBuffers());
        }
        assertEquals(0, pool.stats().pinnedBytes());
        assertEquals(2 * CHUNK + CHUNK / 8, pool.stats().idleBytes(), "the large chunk is kept");
    }

    @Test
    void shouldCountAllOfALargeBufferUntilItsReleaseThoughItIsSealedShort() {
        SendBuffer large = pool.acquire(2 * CHUNK).putInt(1).seal();
        assertEquals(2 * CHUNK, pool.stats().inUseBytes());
        assertTrue(large.release());
        assertEquals(0, pool.stats().inUseBytes());
        assertEquals(2 * CHUNK, pool.stats().idleBytes());
    }

    @Test
    void shouldPinAChunkUntilItsLastSliceIsReleased() {
        SendBuffer first = pool.acquire(CHUNK / 2);
        SendBuffer second = pool.acquire(CHUNK / 2);
        SendBuffer ofNextChunk = pool.acquire(CHUNK);
        first.release();
        assertEquals(2 * CHUNK, pool.stats().pinnedBytes());
        second.release();
        assertEquals(CHUNK, pool.stats().pinnedBytes());
        assertEquals(CHUNK, pool.stats().idleBytes());
        ofNextChunk.release();
        assertEquals(2 * CHUNK, pool.stats().idleBytes());
    }

    @Test
    void shouldReuseItsChunksInTheSteadyState() {
        for (int i = 0; i < 1_000_000; i++) {
            try (SendBuffer buffer = pool.acquire(64)) {
                buffer.putInt(i).seal();
            }
        }
        assertTrue(pool.stats().reservedBytes() <= 2 * CHUNK, () -> pool.stats().toString());
    }

    @Test
    void shouldReuseItsChunksWhenBuffersLiveForAWhile() {
        int alive = 100;
        int size = 64;
        ArrayDeque<SendBuffer> window = new ArrayDeque<>();
        for (int i = 0; i < 1_000_000; i++) {
            window.add(pool.acquire(size).putLong(i).seal(size));
            if (window.size() > alive) {
                SendBuffer oldest = window.remove();
                assertEquals(i - alive, oldest.getLong(0));
                oldest.release();
            }
        }
        // The window may begin and end within a chunk.
        int needed = (alive + 1) * size + 2 * CHUNK;
        assertTrue(pool.stats().reservedBytes() <= needed, () -> pool.stats().toString());
        window.forEach(SendBuffer::release);
    }
}
