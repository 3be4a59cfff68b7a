/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the slices of all turns were. A slice counts only if all that stall are connected at its end: a server that has
 * ended some of them would be measured with fewer. The slice without them of the same turn does not count either then,
 * so that the ratio is one of slices side by side.
 */
final class StalledGroupSlices {
    /** The metric of how many slices count, of a server with some that stall. */
    static final String COUNTED = "counted";

    private static final String SESSIONS = "sessions";

    private final int slices;
    private final LogMeasurements measurements;
    private final Map<Setup, Integer> counted = new LinkedHashMap<>();
    private final Map<Setup, Integer> fewest = new LinkedHashMap<>();

    /** Adds to these measurements, one for each slice of each server. */
    StalledGroupSlices(int slices, LogMeasurements measurements) {
        this.slices = slices;
        this.measurements = measurements;
    }

    /** Adds a turn: a slice of each server that has not failed. */
    void add(Map<Setup, Line> turn) {
        turn.forEach((setup, slice) -> {
            int sessions = slice.number(SESSIONS);
            fewest.merge(setup, sessions, Math::min);
            measurements.add(params(setup), setup.contender(), SESSIONS, "open", sessions);
            boolean counts = turn.entrySet().stream()
                    .filter(other -> other.getKey().contender().equals(setup.contender()))
                    .allMatch(other -> areAllConnected(other.getKey(), other.getValue()));
            counted.merge(setup, counts ? 1 : 0, Integer::sum);
            if (counts) {
                count(setup, slice);
            }
        });
    }

    private static boolean areAllConnected(Setup setup, Line slice) {
        return slice.number(SESSIONS) == setup.readers() + setup.others();
    }

    private void count(Setup setup, Line slice) {
        SortedMap<String, String> params = params(setup);
        measurements.add(params, setup.contender(), "throughput", "messages/s", slice.real("throughput"));
        double cpu = slice.real("cpu") + slice.real("loop") / slice.longNumber("messages");
        measurements.add(params, setup.contender(), "cpu", "ns/delivery", cpu / setup.readers());
        for (String metric : List.of("reserved", "pinned")) {
            measurements.add(params, setup.contender(), metric, "B", slice.real(metric));
        }
    }

    /** All turns are over: adds, and says, how many slices of a server count. */
    void end(Setup setup, PrintStream progress) {
        int count = counted.getOrDefault(setup, 0);
        int sessions = setup.readers() + setup.others();
        measurements.add(params(setup), setup.contender(), COUNTED, "of " + slices + " slices", count);
        progress.printf(
                Locale.ROOT,
                "stalled-group, %s with %,d that stall: %,d of %,d slices count, in which all %,d sessions were"
                        + " connected to the end; in each at least %,d%n",
                setup.contender(),
                setup.others(),
                count,
                slices,
                sessions,
                fewest.getOrDefault(setup, 0));
    }

    static SortedMap<String, String> params(Setup setup) {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("bytes", String.valueOf(setup.bytes()));
        params.put("cap", String.valueOf(setup.maxMemory()));
        params.put("readers", String.valueOf(setup.readers()));
        params.put("stalled", String.valueOf(setup.others()));
        return params;
    }
}
