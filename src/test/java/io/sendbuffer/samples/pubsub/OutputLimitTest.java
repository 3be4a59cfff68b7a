/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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
    }

    @Test
    void shouldRefuseWhatIsNoLimit() {
        assertNull(OutputLimit.parse(List.of("32xb", "0", "0")));
        assertNull(OutputLimit.parse(List.of("mb", "0", "0")));
        assertNull(OutputLimit.parse(List.of("-1", "0", "0")));
        assertNull(OutputLimit.parse(List.of("1", "0", "x")));
        assertNull(OutputLimit.parse(List.of("1", "0", "86401")));
        assertNull(OutputLimit.parse(List.of("99999999999gb", "0", "0")));
    }

    @Test
    void shouldBecomeLimitsOfAQueue() {
        QueueLimits limits = OutputLimit.PUBSUB.toQueueLimits();
        assertEquals(32 << 20, limits.maxQueuedBytes());
        assertEquals(8 << 20, limits.softLimit());
        assertEquals(Duration.ofMinutes(1), limits.softTime());
        assertTrue(OutputLimit.NORMAL.toQueueLimits().softTime().isZero());
        assertTrue(new OutputLimit(5, 6, 7).toQueueLimits().softTime().isZero(), "it is beyond the hard one");
        assertEquals(1, new OutputLimit(1, 1, 1).toQueueLimits().maxQueuedBytes());
    }
}
