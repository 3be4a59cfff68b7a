/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class HostMemoryTest {
    @Test
    void shouldCountTheHeapForTheCap() {
        assertTrue(new HostMemory(60, 10, 5, 40, 100).isWithinCap());
        assertFalse(new HostMemory(60, 10, 5, 41, 100).isWithinCap());
    }
}
