/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SamplesTest {
    @Test
    void shouldTakeTheMiddleSampleWhateverTheOrder() {
        assertEquals(3, Samples.median(List.of(9.0, 1.0, 3.0)));
    }

    @Test
    void shouldTakeTheMeanOfTheTwoInTheMiddleOfAnEvenNumber() {
        assertEquals(2.5, Samples.median(List.of(4.0, 1.0, 2.0, 3.0)));
    }

    @Test
    void shouldNotLetOneDisturbedTurnMoveTheMedian() {
        assertEquals(2, Samples.median(List.of(2.0, 2.0, 1_000_000.0)));
    }

    @Test
    void shouldInterpolateQuartiles() {
        List<Double> samples = List.of(40.0, 10.0, 30.0, 20.0);
        assertEquals(17.5, Samples.lowerQuartile(samples));
        assertEquals(32.5, Samples.upperQuartile(samples));
    }

    @Test
    void shouldReturnTheOnlySampleForEveryQuantile() {
        List<Double> one = List.of(7.0);
        assertEquals(7, Samples.median(one));
        assertEquals(7, Samples.lowerQuartile(one));
        assertEquals(7, Samples.upperQuartile(one));
    }

    @Test
    void shouldDivideTurnByTurn() {
        assertEquals(List.of(0.5, 2.0), Samples.quotients(List.of(1.0, 8.0), List.of(2.0, 4.0)));
    }

    @Test
    void shouldRefuseToDivideListsOfDifferentLengths() {
        List<Double> two = List.of(1.0, 2.0);
        assertThrows(IllegalArgumentException.class, () -> Samples.quotients(two, List.of(1.0)));
    }
}
