/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.result.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects samples, turn by turn. */
final class Measurements {
    private record Key(Cell cell, String contender, String metric, String unit) {}

    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();

    void add(Cell cell, String contender, String metric, String unit, double sample) {
        samples.computeIfAbsent(new Key(cell, contender, metric, unit), key -> new ArrayList<>())
                .add(sample);
    }

    List<Result> results() {
        List<Result> results = new ArrayList<>();
        samples.forEach((key, list) -> results.add(
                new Result("fanout", "broadcast", key.cell.params(), key.contender, key.metric, key.unit, list)));
        return results;
    }
}
