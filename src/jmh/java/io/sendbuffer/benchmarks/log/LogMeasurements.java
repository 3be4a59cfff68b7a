/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.result.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Collects samples of a job, turn by turn. */
final class LogMeasurements {
    private record Key(SortedMap<String, String> params, String contender, String metric, String unit) {}

    private final String job;
    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();

    LogMeasurements(String job) {
        this.job = job;
    }

    void add(SortedMap<String, String> params, String contender, String metric, String unit, double sample) {
        samples.computeIfAbsent(new Key(params, contender, metric, unit), key -> new ArrayList<>())
                .add(sample);
    }

    List<Result> results() {
        List<Result> results = new ArrayList<>();
        samples.forEach((key, list) ->
                results.add(new Result("log", job, key.params, key.contender, key.metric, key.unit, list)));
        return results;
    }
}
