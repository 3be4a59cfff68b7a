/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Result;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Results as a run might have found them. */
final class Measured {
    private Measured() {}

    static Result life(String contender, Double... samples) {
        return result("micro", "LifeBenchmark.oneThread", contender, "time", List.of(samples), "length", "64");
    }

    static Result parking(String policy, String stalled, Double... samples) {
        String[] params = {"healthy", "1000", "policy", policy, "stalled", stalled};
        return result("micro", "ParkingBenchmark.broadcast", "sendbuffer", "time", List.of(samples), params);
    }

    static Result garbage(String suite, String contender, Double... samples) {
        return result(suite, "job", contender, "garbage", List.of(samples));
    }

    static Result fanOut(String contender, String sessions, String mode, Double... samples) {
        String[] params = {"sessions", sessions, "bytes", "64", "messages", "32", "mode", mode};
        return result("fanout", "broadcast", contender, "cpu", List.of(samples), params);
    }

    private static Result result(
            String suite, String job, String contender, String metric, List<Double> samples, String... params) {
        SortedMap<String, String> map = new TreeMap<>();
        for (int i = 0; i < params.length; i += 2) {
            map.put(params[i], params[i + 1]);
        }
        return new Result(suite, job, map, contender, metric, "ns/op", samples);
    }

    /** The lines of a table whose first column says so. */
    static List<GoalLine> lines(String what, Result... results) {
        return Goals.check(Arrays.asList(results)).stream()
                .filter(line -> line.what().equals(what))
                .toList();
    }
}
