/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Resp;
import io.sendbuffer.benchmarks.result.Result;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StalledGroupSlicesTest {
    private static final int READERS = 10;

    private final LogMeasurements measurements = new LogMeasurements(StalledGroupJob.NAME);
    private final StalledGroupSlices slices = new StalledGroupSlices(3, measurements);

    private final Setup alone = setup(Resp.SAMPLE, 0);
    private final Setup with = setup(Resp.SAMPLE, 5);

    @Test
    void shouldLeaveOutATurnInWhichOneThatStallsIsGone() {
        slices.add(Map.of(alone, slice(READERS, 100), with, slice(READERS + 5, 90)));
        slices.add(Map.of(alone, slice(READERS, 200), with, slice(READERS + 4, 190)));
        slices.add(Map.of(alone, slice(READERS, 300), with, slice(READERS + 5, 290)));

        assertEquals(List.of(100.0, 300.0), samples(Resp.SAMPLE, "throughput", 0));
        assertEquals(List.of(90.0, 290.0), samples(Resp.SAMPLE, "throughput", 5));
        assertEquals(List.of(15.0, 14.0, 15.0), samples(Resp.SAMPLE, "sessions", 5));
        assertEquals(
                "stalled-group, pubsub with 5 that stall: 2 of 3 slices count, in which all 15 sessions were connected"
                        + " to the end; in each at least 14",
                end(with));
        assertEquals(List.of(2.0), samples(Resp.SAMPLE, StalledGroupSlices.COUNTED, 5));
    }

    @Test
    void shouldLeaveOutATurnInWhichThoseOfTheSliceBeforeHaveNotLeft() {
        slices.add(Map.of(alone, slice(READERS, 100), with, slice(READERS + 6, 90)));
        end(with);

        assertEquals(List.of(), samples(Resp.SAMPLE, "throughput", 5));
        assertEquals(List.of(0.0), samples(Resp.SAMPLE, StalledGroupSlices.COUNTED, 5));
    }

    @Test
    void shouldCountTheSlicesOfAServerWhateverTheOthersDo() {
        slices.add(Map.of(
                setup(Setup.GROUP, 5), slice(READERS + 5, 70), alone, slice(READERS, 100), with, slice(READERS, 90)));

        assertEquals(List.of(70.0), samples(Setup.GROUP, "throughput", 5));
        assertEquals(List.of(), samples(Resp.SAMPLE, "throughput", 0));
    }

    @Test
    void shouldCountTheOneWithoutThemAloneOnceTheOtherHasFailed() {
        slices.add(Map.of(alone, slice(READERS, 100)));

        assertEquals(List.of(100.0), samples(Resp.SAMPLE, "throughput", 0));
        assertEquals(
                "stalled-group, pubsub with 5 that stall: 0 of 3 slices count, in which all 15 sessions were connected"
                        + " to the end; in each at least 0",
                end(with));
    }

    private static Setup setup(String contender, int stalled) {
        return new Setup(contender, "hold", READERS, stalled, Setup.Role.STALLED, 0, 64, 0, 0);
    }

    private static Line slice(int sessions, double throughput) {
        return Line.of("published")
                .with("sessions", sessions)
                .with("throughput", throughput)
                .with("cpu", 1)
                .with("loop", 1)
                .with("messages", 1)
                .with("reserved", 1)
                .with("pinned", 1);
    }

    private String end(Setup setup) {
        ByteArrayOutputStream progress = new ByteArrayOutputStream();
        slices.end(setup, new PrintStream(progress, true, StandardCharsets.UTF_8));
        return progress.toString(StandardCharsets.UTF_8).strip();
    }

    private List<Double> samples(String contender, String metric, int stalled) {
        return measurements.results().stream()
                .filter(result -> result.contender().equals(contender)
                        && result.metric().equals(metric)
                        && String.valueOf(stalled).equals(result.params().get("stalled")))
                .findFirst()
                .map(Result::samples)
                .orElse(List.of());
    }
}
