/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** References: counted, released once, refused when there is none to release. */
class SendBufferLifeTest {
    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldBeginWritableWithOneReference() {
        try (SendBuffer buffer = pool.acquire(100)) {
            assertEquals(1, buffer.referenceCount());
            assertEquals(100, buffer.capacity());
            assertEquals(100, buffer.remaining());
            assertEquals(0, buffer.length());
            assertFalse(buffer.isSealed());
            assertEquals(ByteOrder.BIG_ENDIAN, buffer.order());
        }
    }

    @Test
    void shouldForgetThePastLifeOfItsMemory() {
        try (SendBuffer first = pool.acquire(10).order(ByteOrder.LITTLE_ENDIAN)) {
            first.putInt(1).seal();
        }
        pool.trim();
        for (int i = 0; i < 3; i++) {
            try (SendBuffer next = pool.acquire(10)) {
                assertEquals(ByteOrder.BIG_ENDIAN, next.order());
                assertEquals(0, next.length());
                assertFalse(next.isSealed());
                next.order(ByteOrder.LITTLE_ENDIAN).putInt(1).seal();
            }
        }
    }

    @Test
    void shouldSealWhatWasWritten() {
        try (SendBuffer buffer = pool.acquire(100).putInt(5)) {
            assertSame(buffer, buffer.seal());
            assertTrue(buffer.isSealed());
            assertEquals(4, buffer.length());
            assertEquals(0, buffer.remaining());
            assertEquals(100, buffer.capacity());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 99, 100})
    void shouldSealAnyLengthWithinTheCapacity(int length) {
        try (SendBuffer buffer = pool.acquire(100).putInt(5).seal(length)) {
            assertEquals(length, buffer.length());
            assertEquals(length, buffer.asReadOnlyByteBuffer().remaining());
        }
    }

    @Test
    void shouldFreeWithTheLastReferenceOnly() {
        SendBuffer buffer = pool.acquire(10).putInt(5).seal();
        assertSame(buffer, buffer.retain().retain(3));
        assertEquals(5, buffer.referenceCount());
        assertFalse(buffer.release());
        assertFalse(buffer.release(3));
        assertEquals(1, pool.stats().outstandingBuffers());
        assertEquals(5, buffer.getInt(0));
        assertTrue(buffer.release());
        assertEquals(0, pool.stats().outstandingBuffers());
        assertEquals(0, buffer.referenceCount());
    }

    @Test
    void shouldRefuseToReleaseMoreThanIsHeldAndChangeNothing() {
        SendBuffer buffer = pool.acquire(10).putInt(5).seal().retain();
        requireReleasedTooOften(() -> buffer.release(3));
        assertEquals(2, buffer.referenceCount());
        assertEquals(5, buffer.getInt(0));
        assertTrue(buffer.release(2));

        PoolStats before = pool.stats();
        requireReleasedTooOften(buffer::release);
        requireReleasedTooOften(buffer::close);
        assertEquals(0, buffer.referenceCount());
        assertEquals(before, pool.stats());
    }

    private static void requireReleasedTooOften(Runnable release) {
        Exception e = assertThrows(IllegalStateException.class, release::run);
        assertSays(e, "release once for each acquire and each retain");
    }

    @Test
    void shouldRefuseToRetainAfterTheLastRelease() {
        SendBuffer buffer = pool.acquire(10).putInt(5).seal();
        buffer.release();
        Exception e = assertThrows(IllegalStateException.class, buffer::retain);
        assertSays(e, "retain it while a reference is still held");
        assertEquals(0, buffer.referenceCount());
    }

    @Test
    void shouldRefuseMoreReferencesThanAnIntCounts() {
        SendBuffer buffer = pool.acquire(10).seal().retain(Integer.MAX_VALUE - 1);
        Exception e = assertThrows(IllegalStateException.class, buffer::retain);
        assertSays(e, "would pass the largest count");
        assertThrows(IllegalStateException.class, () -> buffer.retain(Integer.MAX_VALUE));
        assertEquals(Integer.MAX_VALUE, buffer.referenceCount());
        assertTrue(buffer.release(Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void shouldRefuseNoReferencesAndLess(int references) {
        try (SendBuffer buffer = pool.acquire(10)) {
            Exception retain = assertThrows(IllegalArgumentException.class, () -> buffer.retain(references));
            Exception release = assertThrows(IllegalArgumentException.class, () -> buffer.release(references));
            assertSays(retain, "was " + references);
            assertSays(release, "was " + references);
            assertEquals(1, buffer.referenceCount());
        }
    }

    @Test
    void shouldGiveOneReferenceBackAtTheEndOfTryWithResources() {
        SendBuffer kept;
        try (SendBuffer buffer = pool.acquire(10).putInt(5).seal()) {
            kept = buffer.retain();
        }
        assertEquals(1, kept.referenceCount());
        assertEquals(5, kept.getInt(0));
        kept.release();
    }

    @Test
    void shouldLoseOnlyTheSliceWhenTheWriterThrows() {
        assertThrows(ArithmeticException.class, () -> {
            try (SendBuffer buffer = pool.acquire(64).putInt(1)) {
                buffer.putInt(Math.addExact(Integer.MAX_VALUE, buffer.length()));
            }
        });
        assertEquals(0, pool.stats().outstandingBuffers());
        assertEquals(0, pool.stats().inUseBytes());
        try (SendBuffer next = pool.acquire(64).putInt(2).seal()) {
            assertEquals(2, next.getInt(0));
        }
    }

    @Test
    void shouldServeBuffersWithoutCapacity() {
        try (SendBuffer empty = pool.acquire(0);
                SendBuffer next = pool.acquire(4).putInt(6)) {
            assertEquals(2, pool.stats().outstandingBuffers());
            assertThrows(IndexOutOfBoundsException.class, () -> empty.putByte((byte) 1));
            empty.putUtf8("").putBytes(new byte[0]).seal();
            assertEquals(0, empty.length());
            assertFalse(empty.asReadOnlyByteBuffer().hasRemaining());
            assertEquals(6, next.getInt(0));
        }
    }

    @Test
    void shouldElectOneOfManyThreadsToFree() {
        int threads = 4;
        int rounds = 2_000;
        for (int round = 0; round < rounds; round += 100) {
            SendBuffer[] buffers = new SendBuffer[100];
            for (int i = 0; i < buffers.length; i++) {
                buffers[i] = pool.acquire(8).putLong(i).seal().retain(threads - 1);
            }
            AtomicInteger freed = new AtomicInteger();
            Threads.runTogether(threads, thread -> {
                for (int i = 0; i < buffers.length; i++) {
                    assertEquals(i, buffers[i].getLong(0));
                    if (buffers[i].release()) {
                        freed.incrementAndGet();
                    }
                }
            });
            assertEquals(buffers.length, freed.get());
            assertEquals(0, pool.stats().outstandingBuffers());
        }
    }
}
