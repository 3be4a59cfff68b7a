/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A chunk begins again at its start when its owner released all of it, and only then. */
class SendBufferPoolRewindTest {
    private static final int CHUNK = 16 << 10;

    /** A released buffer's object is not reused for this many acquires. */
    private static final int ACQUIRES_BEFORE_REUSE = 64;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(16 * CHUNK).build());

    @Test
    void shouldBeginAgainWhenItsThreadReleasedAll() {
        Chunk chunk = null;
        for (int round = 0; round < 10_000; round++) {
            SendBuffer first = pool.acquire(100);
            SendBuffer second = pool.acquire(50);
            assertEquals(0, first.offset());
            assertEquals(100, second.offset());
            assertTrue(chunk == null || chunk == first.chunk(), "another chunk in round " + round);
            chunk = first.chunk();
            first.release();
            second.release();
        }
        assertEquals(CHUNK, pool.stats().reservedBytes());
        assertEquals(0, pool.stats().inUseBytes());
    }

    @Test
    void shouldBeginAgainThoughASealGaveATailBack() {
        for (int round = 0; round < 1_000; round++) {
            SendBuffer message = pool.acquire(CHUNK).putInt(round).seal();
            SendBuffer next = pool.acquire(100);
            assertEquals(0, message.offset());
            assertEquals(4, next.offset());
            next.release();
            assertEquals(round, message.getInt(0));
            message.release();
        }
    }

    @Test
    void shouldNotBeginAgainWhileABufferIsAlive() {
        SendBuffer kept = pool.acquire(10).putInt(42).seal();
        for (int i = 0; i < 3_000; i++) {
            SendBuffer other = pool.acquire(20).putLong(i).putLong(i);
            assertTrue(other.offset() >= 4 || other.chunk() != kept.chunk(), "they overlap");
            other.release();
        }
        assertEquals(42, kept.getInt(0));
        kept.release();
    }

    @Test
    void shouldNotBeginAgainWhileABufferWithoutBytesIsAlive() {
        SendBuffer empty = pool.acquire(0);
        pool.acquire(100).release();
        try (SendBuffer next = pool.acquire(100)) {
            assertEquals(100, next.offset());
        }
        empty.release();
        try (SendBuffer next = pool.acquire(100)) {
            assertEquals(0, next.offset());
        }
    }

    @Test
    void shouldBeginAgainAfterATrim() {
        pool.acquire(100).release();
        pool.acquire(30).release();
        assertEquals(CHUNK, pool.trim());
        for (int i = 0; i < 100; i++) {
            try (SendBuffer next = pool.acquire(100)) {
                assertEquals(0, next.offset());
                assertEquals(0, pool.trim(), "in use");
            }
        }
        assertEquals(CHUNK, pool.trim());
        assertEquals(0, pool.stats().reservedBytes());
    }

    @Test
    void shouldNeverBeginAgainOnAStripe() {
        for (int i = 0; i < 20; i++) {
            try (SendBuffer buffer = allocateFromStripe()) {
                assertEquals(i * 100, buffer.offset());
            }
        }
    }

    private SendBuffer allocateFromStripe() {
        SendBuffer buffer = pool.allocateFromStripe(0, 100, 1);
        assertNotNull(buffer);
        return buffer;
    }

    @Test
    void shouldNotBeginAgainWhileAnotherThreadHoldsABuffer() {
        SendBuffer shared = pool.acquire(100).putInt(42).seal();
        SendBuffer own = pool.acquire(100);
        shared.retain();
        shared.release(); // ours; the remaining reference is another thread's
        own.release();
        SendBuffer next = pool.acquire(100).putInt(1);
        assertEquals(4 + 100, next.offset(), "after both");
        next.release();
        Threads.runInThreadThatDies(() -> {
            assertEquals(42, shared.getInt(0));
            shared.release();
        });
    }

    /**
     * That release is counted elsewhere, so the owner cannot know that no slice is live. The chunk comes back later.
     */
    @Test
    void shouldNotBeginAgainOnceAnotherThreadReleasedABuffer() {
        SendBuffer first = pool.acquire(100);
        SendBuffer second = pool.acquire(100);
        Chunk chunk = first.chunk();
        Threads.runInThreadThatDies(first::release);
        second.release();
        int end = 200;
        while (end + 100 <= CHUNK) {
            try (SendBuffer next = pool.acquire(100)) {
                assertSame(chunk, next.chunk());
                assertEquals(end, next.offset());
                end += 100;
            }
        }
        for (int i = 0; i < 3; i++) {
            try (SendBuffer next = pool.acquire(100)) {
                assertEquals(0, next.offset(), "in its next life it begins again");
            }
        }
        assertEquals(CHUNK, pool.stats().reservedBytes());
    }

    @Test
    void shouldKeepAReleasedBufferReleasedForTheNextAcquires() {
        for (int round = 0; round < 5; round++) {
            SendBuffer released = pool.acquire(8).putLong(7).seal();
            released.release();
            for (int i = 1; i < ACQUIRES_BEFORE_REUSE; i++) {
                try (SendBuffer next = pool.acquire(8)) {
                    assertNotSame(released, next);
                    assertThrows(IllegalStateException.class, released::length);
                    assertThrows(IllegalStateException.class, () -> released.getLong(0));
                    assertThrows(IllegalStateException.class, released::release);
                    assertThrows(IllegalStateException.class, released::retain);
                }
            }
        }
    }

    @Test
    void shouldUseFewObjectsForever() {
        SendBuffer[] seen = new SendBuffer[ACQUIRES_BEFORE_REUSE];
        for (int i = 0; i < 10 * seen.length; i++) {
            try (SendBuffer next = pool.acquire(8)) {
                SendBuffer before = seen[i % seen.length];
                assertTrue(before == null || before == next, "a new object in acquire " + i);
                seen[i % seen.length] = next;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 64, 4_096})
    void shouldBeginAgainAtAnAlignedAddress(int alignment) {
        int capacity = CHUNK - alignment + 1;
        int offset = -1;
        for (int i = 0; i < 200; i++) {
            try (SendBuffer whole = pool.acquire(capacity, alignment)) {
                assertEquals(0, whole.chunk().memory.alignmentOffset(whole.offset(), alignment));
                assertTrue(offset == -1 || offset == whole.offset(), "begins elsewhere");
                offset = whole.offset();
                whole.putByte(0, (byte) 1).putByte(capacity - 1, (byte) 2);
            }
        }
        assertEquals(CHUNK, pool.stats().reservedBytes());
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @Test
    void shouldLeaveBuffersThatAreLargerThanAChunkAlone() {
        SendBuffer small = pool.acquire(10).putInt(42).seal();
        for (int i = 0; i < 10; i++) {
            try (SendBuffer large = pool.acquire(CHUNK + 1)) {
                assertNotSame(small.chunk(), large.chunk());
            }
        }
        int sizeClass = CHUNK + CHUNK / 8;
        assertEquals(CHUNK + sizeClass, pool.stats().reservedBytes(), "one large chunk served all large ones");
        assertEquals(42, small.getInt(0));
        small.release();
    }

    /** Random sizes, alignments, seals and orders of release: no byte ever belongs to two buffers. */
    @Test
    void shouldNeverGiveAByteToTwo() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        List<SendBuffer> alive = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(40) == 0) {
                alive.forEach(buffer -> requireStamp(buffer, seed));
                alive.forEach(SendBuffer::release);
                alive.clear();
            }
            SendBuffer buffer = pool.acquire(random.nextInt(200), 1 << random.nextInt(6));
            int stamp = System.identityHashCode(buffer);
            while (buffer.remaining() > 3) {
                buffer.putByte((byte) (stamp + buffer.length()));
            }
            alive.add(random.nextBoolean() ? buffer.seal() : buffer);
            if (random.nextInt(3) == 0) {
                SendBuffer some = alive.remove(random.nextInt(alive.size()));
                requireStamp(some, seed);
                some.release();
            }
        }
        alive.forEach(SendBuffer::release);
    }

    private static void requireStamp(SendBuffer buffer, long seed) {
        int stamp = System.identityHashCode(buffer);
        for (int i = 0; i < buffer.length(); i++) {
            assertEquals((byte) (stamp + i), buffer.getByte(i), () -> "overwritten" + TestSeed.hint(seed));
        }
    }
}
