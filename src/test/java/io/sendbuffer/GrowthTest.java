/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The pool does not try what the JVM would refuse, and does not soon retry what the JVM has refused. */
class GrowthTest {
    private long now = Long.MAX_VALUE - 1_000; // it overflows soon, as nanoTime may
    private long used;
    private int attempts;
    private boolean refusing;

    private ByteBuffer allocate(int bytes) {
        attempts++;
        if (refusing) {
            throw new OutOfMemoryError("on purpose");
        }
        used += bytes;
        return ByteBuffer.allocate(bytes);
    }

    private Growth growth(DirectMemory jvm) {
        return new Growth(this::allocate, jvm, () -> now);
    }

    @Test
    void shouldNotTryWhatTheJvmWouldRefuse() {
        Growth growth = growth(new DirectMemory(100, () -> used, CollectionRequests.NONE));
        assertNotNull(growth.allocate(60));
        assertFalse(growth.isRefusing(40));
        assertTrue(growth.isRefusing(41));
        assertNull(growth.allocate(41));
        assertEquals(1, attempts);
        assertNotNull(growth.allocate(40), "a refused allocation leaves nothing announced");
        used = 0;
        assertNotNull(growth.allocate(100), "collected memory is found at once");
    }

    @Test
    void shouldCountWhatAnotherThreadIsAllocating() {
        DirectMemory jvm = new DirectMemory(100, () -> used, CollectionRequests.NONE);
        Growth other = new Growth(
                bytes -> {
                    assertNull(growth(jvm).allocate(50), "60 of 100 are being allocated");
                    return allocate(bytes);
                },
                jvm,
                () -> now);
        assertNotNull(other.allocate(60));
        assertNotNull(growth(jvm).allocate(40));
    }

    @Test
    void shouldBackOffTwiceAsLongAfterEachRefusal() {
        Growth growth = growth(DirectMemory.UNKNOWN);
        refusing = true;
        long backOff = Growth.MIN_BACK_OFF_NANOS;
        for (int refusal = 1; refusal < 12; refusal++) {
            assertNull(growth.allocate(10));
            assertEquals(refusal, attempts);
            assertTrue(growth.isRefusing(10));
            now += backOff - 1;
            assertNull(growth.allocate(1));
            assertEquals(refusal, attempts, "it was tried too soon");
            now++;
            backOff = Math.min(Growth.MAX_BACK_OFF_NANOS, 2 * backOff);
        }
        refusing = false;
        assertNotNull(growth.allocate(10));
        assertFalse(growth.isRefusing(10));
        refusing = true;
        assertNull(growth.allocate(10));
        now += Growth.MIN_BACK_OFF_NANOS;
        refusing = false;
        assertNotNull(growth.allocate(10), "after a success the first back-off is short again");
    }

    /** Each attempt that the JVM refuses takes it half a second. */
    @Test
    void shouldLetOneThreadTryAgainAndRefuseTheOthersMeanwhile() {
        AtomicReference<Growth> same = new AtomicReference<>();
        Growth growth = new Growth(
                bytes -> {
                    if (attempts > 0) {
                        Threads.runTogether(
                                2,
                                index -> assertNull(
                                        Objects.requireNonNull(same.get()).allocate(10), "of another thread"));
                    }
                    return allocate(bytes);
                },
                DirectMemory.UNKNOWN,
                () -> now);
        same.set(growth);
        refusing = true;
        assertNull(growth.allocate(10));
        now += Growth.MIN_BACK_OFF_NANOS;
        assertNull(growth.allocate(10));
        assertEquals(2, attempts);
        now += 2 * Growth.MIN_BACK_OFF_NANOS;
        refusing = false;
        assertNotNull(growth.allocate(10));
        assertEquals(3, attempts);
    }

    @Test
    void shouldBackOffAsAfterOneRefusalWhenSeveralThreadsAreRefusedTogether() {
        CountDownLatch together = new CountDownLatch(8);
        AtomicInteger asked = new AtomicInteger();
        Growth growth = new Growth(
                bytes -> {
                    asked.incrementAndGet();
                    together.countDown();
                    Threads.await(together);
                    throw new OutOfMemoryError("on purpose");
                },
                DirectMemory.UNKNOWN,
                () -> now);
        Threads.runTogether(8, index -> assertNull(growth.allocate(10)));
        assertEquals(8, asked.get());
        now += Growth.MIN_BACK_OFF_NANOS;
        assertNull(growth.allocate(10));
        assertEquals(9, asked.get());
    }

    @Test
    void shouldLeaveNothingAnnouncedWhateverTheSourceThrows() {
        DirectMemory jvm = new DirectMemory(100, () -> used, CollectionRequests.NONE);
        Growth broken = new Growth(
                bytes -> {
                    throw new IllegalStateException("on purpose");
                },
                jvm,
                () -> now);
        assertThrows(IllegalStateException.class, () -> broken.allocate(100));
        assertNotNull(growth(jvm).allocate(100));
    }

    @Test
    void shouldKnowTheLimitOfThisJvm() {
        DirectMemory jvm = JvmDirectMemory.get();
        assertTrue(jvm.isKnown());
        long before = jvm.used();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        assertTrue(jvm.used() >= Math.min(before, 1 << 20) + buffer.position());
        assertTrue(jvm.limit() >= jvm.used());
    }
}
