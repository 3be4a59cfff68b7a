/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.QueueLimits;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputLimitTest {
    @Test
    void shouldReadUnits() {
        assertEquals(new OutputLimit(32 << 20, 8_000_000, 60), OutputLimit.parse(List.of("32MB", "8m", "60")));
        assertEquals(new OutputLimit(2 << 10, 3_000, 0), OutputLimit.parse(List.of("2kb", "3k", "0")));
        assertEquals(new OutputLimit(0, 1L << 30, 1), OutputLimit.parse(List.of("0", "1gb", "1")));
        assertEquals(new OutputLimit(2_000_000_000, 7, 3), OutputLimit.parse(List.of("2g", "7b", " +3")));
        assertEquals(new OutputLimit(0, 0, 0), OutputLimit.parse(List.of("mb", "", "")));
    }

    @Test
    void shouldTakeAnUnsignedNumberOf64Bits() {
        assertEquals("18446744073709551615 0 0", String.valueOf(OutputLimit.parse(List.of("9".repeat(127), "0", "0"))));
        assertEquals("0 0 1215752191", String.valueOf(OutputLimit.parse(List.of("0", "0", "99999999999"))));
    }

    @Test
    void shouldRefuseWhatIsNoLimit() {
        assertNull(OutputLimit.parse(List.of("32xb", "0", "0")));
        assertNull(OutputLimit.parse(List.of("1.5mb", "0", "0")));
        assertNull(OutputLimit.parse(List.of("-1", "0", "0")));
        assertNull(OutputLimit.parse(List.of("9".repeat(128), "0", "0")));
        assertNull(OutputLimit.parse(List.of("1", "0", "x")));
        assertNull(OutputLimit.parse(List.of("1", "0", "-1")));
        assertNull(OutputLimit.parse(List.of("1", "0", "9".repeat(30))));
    }

    @Test
    void shouldBecomeLimitsOfAQueue() {
        QueueLimits limits = OutputLimits.DEFAULT.pubsub().toQueueLimits();
        assertEquals(32 << 20, limits.maxQueuedBytes());
        assertEquals(8 << 20, limits.softLimit());
        assertEquals(Duration.ofMinutes(1), limits.softTime());
        assertTrue(OutputLimits.DEFAULT.normal().toQueueLimits().softTime().isZero());
        assertTrue(new OutputLimit(5, 6, 7).toQueueLimits().softTime().isZero(), "it is beyond the hard one");
        assertEquals(1, new OutputLimit(1, 1, 1).toQueueLimits().maxQueuedBytes());
        assertEquals(
                Duration.ofSeconds(1), new OutputLimit(0, 1, 0).toQueueLimits().softTime());
        assertEquals(
                Duration.ofDays(1),
                new OutputLimit(0, 1, Integer.MAX_VALUE).toQueueLimits().softTime());
        assertTrue(new OutputLimit(-1, -1, 0).toQueueLimits().softTime().isZero(), "more than there is memory");
    }

    @Test
    void shouldReplaceTheLimitsOfSomeClassesOrOfNone() throws Exception {
        OutputLimits limits = OutputLimits.DEFAULT.with("pubsub 1 2 3 Replica 4 5 6 pubsub 7 8 9");
        assertEquals("normal 0 0 0 slave 4 5 6 pubsub 7 8 9", limits.toString());
        assertEquals(limits, limits.with(""));
        assertTrue(messageOf("pubsub 1 2").startsWith("Wrong number of arguments"));
        assertTrue(messageOf("pubsub  1 2 3").startsWith("Wrong number of arguments"));
        assertTrue(messageOf("master 1 2 3").startsWith("Invalid client class"));
        assertTrue(messageOf("pubsub 1 2 x").startsWith("Error in hard, soft or soft_seconds"));
    }

    private static String messageOf(String text) {
        return String.valueOf(assertThrows(OutputLimits.WrongLimits.class, () -> OutputLimits.DEFAULT.with(text))
                .getMessage());
    }
}
