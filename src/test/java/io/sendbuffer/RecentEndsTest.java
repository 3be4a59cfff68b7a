/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RecentEndsTest {
    private static final long START = Long.MAX_VALUE - 1_000; // it overflows soon, as nanoTime may
    private static final long SECOND = RecentEnds.PERIOD_NANOS;

    private final RecentEnds ends = new RecentEnds(START);

    @Test
    void shouldCountWhatHappenedInTheLastSecond() {
        ends.add(START);
        ends.add(START + SECOND - 1);
        assertEquals(2, ends.count(START + SECOND - 1));
        ends.add(START + SECOND);
        assertEquals(3, ends.count(START + 2 * SECOND - 1));
    }

    @Test
    void shouldForgetAfterTwoSeconds() {
        ends.add(START);
        assertEquals(1, ends.count(START + 2 * SECOND - 1));
        assertEquals(0, ends.count(START + 2 * SECOND));
        ends.add(START + 2 * SECOND);
        assertEquals(0, ends.count(START + 100 * SECOND));
    }

    @Test
    void shouldForgetThoughItIsAskedAllTheTime() {
        for (int tenth = 0; tenth < 1_000; tenth++) {
            long now = START + tenth * SECOND / 10;
            ends.add(now);
            int expected = Math.min(tenth, 10 + tenth % 10) + 1;
            assertEquals(expected, ends.count(now));
        }
    }
}
