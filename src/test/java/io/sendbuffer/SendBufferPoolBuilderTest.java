/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** An invalid setting is refused when it is set; the message gives its name, its value and the valid range. */
class SendBufferPoolBuilderTest {
    @Test
    void shouldRefuseChunksThatAreTooSmallOrTooLarge() {
        requireRefused("chunkSize", 1_023, 1 << 10, 1 << 30, settings -> settings.chunkSize(1_023));
        int tooLarge = (1 << 30) + 1;
        requireRefused("chunkSize", tooLarge, 1 << 10, 1 << 30, settings -> settings.chunkSize(tooLarge));
        requireRefused("chunkSize", -1, 1 << 10, 1 << 30, settings -> settings.chunkSize(-1));
    }

    @Test
    void shouldRefuseACapBelowOneChunk() {
        requireRefused("maxMemory", 0, 1 << 10, Long.MAX_VALUE, settings -> settings.maxMemory(0));
        requireRefused(
                "maxMemory",
                4_095,
                4_096,
                Long.MAX_VALUE,
                settings -> settings.maxMemory(4_095).chunkSize(4_096));
    }

    @Test
    void shouldRefuseNoStripesAndTooMany() {
        requireRefused("stripes", 0, 1, 64, settings -> settings.stripes(0));
        requireRefused("stripes", 65, 1, 64, settings -> settings.stripes(65));
    }

    private static void requireRefused(
            String name, long value, long min, long max, UnaryOperator<SendBufferPool.Builder> setting) {
        Exception e = assertThrows(
                IllegalArgumentException.class,
                () -> Pools.track(setting.apply(SendBufferPool.builder()).build()));
        assertSays(e, name, String.format(Locale.ROOT, "between %,d and %,d, was %,d", min, max, value));
    }

    @Test
    void shouldRefuseCapacitiesAndAlignmentsThatCannotBe() {
        SendBufferPool pool = Pools.create();
        assertSays(assertThrows(IllegalArgumentException.class, () -> pool.acquire(-1)), "capacity", "was -1");
        assertSays(assertThrows(IllegalArgumentException.class, () -> pool.tryAcquire(-9)), "capacity", "was -9");
        for (int alignment : new int[] {0, -8, 8_192}) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> pool.acquire(8, alignment));
            assertSays(e, "alignment", String.format(Locale.ROOT, "was %,d", alignment));
        }
        assertSays(
                assertThrows(IllegalArgumentException.class, () -> pool.acquire(8, 24)),
                "alignment must be a power of two",
                "was 24");
        assertEquals(0, pool.stats().refusedAcquires(), "a programming error is not a refusal");
    }

    @Test
    void shouldTakeNoMemoryBeforeTheFirstAcquire() {
        SendBufferPool pool = Pools.track(
                SendBufferPool.builder().chunkSize(4_096).maxMemory(8_192).build());
        assertEquals(new PoolStats(8_192, 0, 0, 0, 0, 0, 0, 0, 0), pool.stats());
        pool.acquire(100).release();
        assertEquals(new PoolStats(8_192, 4_096, 0, 0, 4_096, 0, 0, 0, 0), pool.stats());
    }
}
