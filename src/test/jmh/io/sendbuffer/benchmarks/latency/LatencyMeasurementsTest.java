/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Mode;
import java.io.IOException;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class LatencyMeasurementsTest {
    private static final Entrant OURS = new Entrant("sendbuffer", Mode.INLINE);

    @Test
    void shouldReportTheMedianTurnAndWhatAllTurnsTogetherSay() throws IOException {
        LatencyMeasurements measurements = new LatencyMeasurements(100);
        measurements.add(OURS, 50, 1000, turn(10));
        measurements.add(OURS, 50, 1000, turn(10));
        measurements.add(OURS, 50, 1000, turn(5000)); // a turn that stalled

        assertEquals(10, median(measurements, "p99"), 0.1);
        assertEquals(5000, median(measurements, "p99 of all turns"), 5);
        assertEquals(10, median(measurements, "p50 of all turns"), 0.1);
        assertEquals(5000, median(measurements, "longest of all turns"), 5);
    }

    @Test
    void shouldKeepRatesApart() throws IOException {
        LatencyMeasurements measurements = new LatencyMeasurements(100);
        measurements.add(OURS, 10, 200, turn(1));
        measurements.add(OURS, 80, 1600, turn(8));

        List<String> percents = measurements.results().stream()
                .filter(result -> result.metric().equals("p50"))
                .map(result -> result.params().get("percent") + "% " + Math.round(result.median()))
                .toList();
        assertEquals(List.of("10% 1", "80% 8"), percents);
    }

    private static double median(LatencyMeasurements measurements, String metric) {
        return measurements.results().stream()
                .filter(result -> result.metric().equals(metric))
                .findFirst()
                .orElseThrow()
                .median();
    }

    /** What a reader says when every message took so long. */
    private static Line turn(long micros) {
        Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(micros * 1000, 1000);
        return RecordingReader.report(histogram);
    }
}
