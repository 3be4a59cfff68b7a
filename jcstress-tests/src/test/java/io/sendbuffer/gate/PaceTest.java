/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long LATE = TimeUnit.SECONDS.toNanos(10);

    private final Pace pace = new Pace(2, 60_000, 10);

    @Test
    void aRaceDoesItsIterations() {
        assertTrue(pace.wantsMore(0, 0, 0));
        assertTrue(pace.wantsMore(1, 1_000_000, LATE));
        assertFalse(pace.wantsMore(2, 1_000_000, 0));
    }

    @Test
    void aRaceContinuesUntilItHasEnoughSamples() {
        assertTrue(pace.wantsMore(2, 59_999, LATE - 1));
        assertFalse(pace.wantsMore(2, 60_000, LATE - 1));
    }

    @Test
    void aRaceDoesNotContinueWhenItsTimeIsUp() {
        assertFalse(pace.wantsMore(2, 59_999, LATE));
    }

    @Test
    void withoutMoreItDoesItsIterationsAlone() {
        assertTrue(pace.withoutMore().wantsMore(1, 0, 0));
        assertFalse(pace.withoutMore().wantsMore(2, 0, 0));
    }

    @Test
    void itsArgumentsStandAmongTheRunners() {
        List<String> args = new ArrayList<>(List.of("-f", "1"));
        args.addAll(Pace.until(60_000, 10));
        args.addAll(List.of("-time", "150"));
        assertEquals(pace, Pace.of(2, Pace.takenFrom(args)));
        assertEquals(List.of("-f", "1", "-time", "150"), args);
    }

    @Test
    void withoutItsArgumentsARaceDoesItsIterationsAlone() {
        List<String> args = new ArrayList<>(List.of("-f", "1"));
        assertEquals(pace.withoutMore(), Pace.of(2, Pace.takenFrom(args)));
        assertEquals(List.of("-f", "1"), args);
    }
}
