/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class FigureTest {
    @Test
    void shouldGiveTheQuartilesOfTheTurnsRatios() {
        Ratio ratio = figure(10.0, 20.0, 30.0).over(figure(10.0, 10.0, 10.0));
        assertEquals(new Ratio(2.0, 1.5, 2.5), ratio);
        assertTrue(ratio.hasSpread());
    }

    @Test
    void shouldDivideTheMediansOfUnequallyManyTurns() {
        Ratio ratio = figure(10.0, 20.0, 30.0).over(figure(5.0));
        assertEquals(Ratio.of(4), ratio);
        assertFalse(ratio.hasSpread());
    }

    @Test
    void shouldDivideTheMediansIfATurnHasNothingToDivideBy() {
        assertEquals(Ratio.of(2), figure(10.0, 20.0, 30.0).over(figure(0.0, 10.0, 10.0)));
    }

    @Test
    void shouldHaveNoSpreadWhereTheMedianIsNothing() {
        assertEquals(0, figure(0.0, 0.0, 1.0).spread());
    }

    private static Figure figure(Double... samples) {
        return Figure.of(Measured.life("any", samples));
    }
}
