/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Numbers as decimal digits, compared with {@link Long#toString}. */
class SendBufferDigitsTest {
    private static final int RANDOM_NUMBERS = 20_000;

    private final SendBufferPool pool = Pools.create();

    private void requireWrittenAsText(long value, String hint) {
        String expected = Long.toString(value);
        int length = expected.length();
        for (int spare : new int[] {0, 3}) {
            try (SendBuffer appended = pool.acquire(length + spare);
                    SendBuffer indexed = pool.acquire(1 + length + spare)) {
                assertEquals(length, appended.putLongAscii(value).length(), () -> value + hint);
                assertEquals(length, indexed.putLongAscii(1, value), () -> value + hint);
                assertEquals(0, indexed.length());
                assertEquals(expected, appended.seal().getUtf8(0, length), hint);
                assertEquals(expected, indexed.seal(1, 1 + length).getUtf8(0, length), hint);
            }
        }
        if (value == (int) value) {
            requireIntWrittenAsText((int) value, expected, hint);
        }
    }

    private void requireIntWrittenAsText(int value, String expected, String hint) {
        int length = expected.length();
        try (SendBuffer appended = pool.acquire(length);
                SendBuffer indexed = pool.acquire(length);
                SendBuffer prepended = pool.acquire(length).headroom(length)) {
            assertEquals(length, appended.putIntAscii(value).length(), () -> value + hint);
            assertEquals(length, indexed.putIntAscii(0, value), () -> value + hint);
            assertEquals(expected, appended.seal().getUtf8(0, length), hint);
            assertEquals(expected, indexed.seal(length).getUtf8(0, length), hint);
            assertEquals(expected, prepended.prependIntAscii(value).seal().getUtf8(0, length), hint);
        }
    }

    private void requireRefused(long value, int room) {
        try (SendBuffer buffer = pool.acquire(room);
                SendBuffer neighbor = pool.acquire(8).putLong(-1)) {
            buffer.asMutableDirectBuffer().setMemory(0, room, (byte) 'u');
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putLongAscii(value));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putLongAscii(0, value));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putLongAscii(-1, value));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putIntAscii(Integer.MAX_VALUE, (int) value));
            assertEquals(0, buffer.length());
            assertEquals("u".repeat(room), buffer.seal(room).getUtf8(0, room), "the beginning was written");
            assertEquals(-1, neighbor.getLong(0));
        }
    }

    @Test
    void shouldWriteEachNumberOfDigitsAndItsBounds() {
        for (long power = 1; power > 0 && power <= Long.MAX_VALUE / 10; power *= 10) {
            for (long value : new long[] {power - 1, power, power + 1, 9 * power, 10 * power - 1}) {
                requireWrittenAsText(value, "");
                requireWrittenAsText(-value, "");
            }
        }
        for (long value : new long[] {
            Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 32, 0
        }) {
            requireWrittenAsText(value, "");
        }
    }

    @Test
    void shouldWriteRandomNumbers() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < RANDOM_NUMBERS; i++) {
            requireWrittenAsText(random.nextLong() >> random.nextInt(64), TestSeed.hint(seed));
        }
    }

    @Test
    void shouldRefuseANumberThatDoesNotFitWithoutWritingItsBeginning() {
        requireRefused(Long.MIN_VALUE, 19);
        requireRefused(Long.MAX_VALUE, 18);
        requireRefused(-1, 1);
        requireRefused(0, 0);
        requireRefused(12_345, 4);
    }

    @Test
    void shouldWriteThroughTheViewWhatItWritesItself() {
        for (long value : new long[] {0, 7, -7, 10, 12_345, -99_999, Long.MAX_VALUE, Long.MIN_VALUE}) {
            try (SendBuffer own = pool.acquire(20);
                    SendBuffer viewed = pool.acquire(20)) {
                int length = viewed.asMutableDirectBuffer().putLongAscii(0, value);
                assertEquals(length, own.putLongAscii(0, value));
                assertEquals(
                        viewed.seal(length).getUtf8(0, length), own.seal(length).getUtf8(0, length));
            }
        }
    }
}
