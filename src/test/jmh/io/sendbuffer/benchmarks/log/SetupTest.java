/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class SetupTest {
    @Test
    void shouldReadFromACommandLineWhatItWroteThere() {
        Setup setup = new Setup(Setup.GROUP, "skip", 1, 2, Setup.Role.STALLED, 3, 4, 5L << 32, 6L << 32);

        assertEquals(setup, Setup.parse(setup.toString()));
    }
}
