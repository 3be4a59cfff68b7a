/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.benchmarks.result.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/** Collects what JMH measured, one sample for each cell and fork. */
final class MicroSamples {
    private record Key(String job, SortedMap<String, String> params, String contender, String metric, String unit) {}

    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();

    /**
     * Adds a sample of each metric.
     *
     * @param cell the result of one fork; its score is the mean of its iterations
     */
    void add(RunResult cell) {
        org.openjdk.jmh.results.Result<?> time = cell.getPrimaryResult();
        if (!time.getScoreUnit().equals("ns/op")) {
            throw new IllegalStateException(
                    cell.getParams().getBenchmark() + " has to report an average time, not " + time.getScoreUnit());
        }
        add(cell.getParams(), "time", "ns/op", time.getScore());
        cell.getSecondaryResults().forEach((name, garbage) -> {
            if (name.endsWith("gc.alloc.rate.norm")) { // older versions put a dot in front
                add(cell.getParams(), "garbage", "B/op", medianOfIterations(garbage));
            }
        });
    }

    /** JMH counts allocations at the end of the trial in the last iteration. */
    private static double medianOfIterations(org.openjdk.jmh.results.Result<?> result) {
        return result.getStatistics().getPercentile(50);
    }

    private void add(BenchmarkParams cell, String metric, String unit, double sample) {
        String job = cell.getBenchmark().substring(getClass().getPackageName().length() + 1);
        SortedMap<String, String> params = new TreeMap<>();
        for (String name : cell.getParamsKeys()) {
            params.put(name, cell.getParam(name));
        }
        String contender = params.remove("contender");
        if (contender == null) {
            contender = "sendbuffer";
        }
        Key key = new Key(job, params, contender, metric, unit);
        samples.computeIfAbsent(key, ignored -> new ArrayList<>()).add(sample);
    }

    List<Result> results() {
        List<Result> results = new ArrayList<>();
        samples.forEach((key, values) ->
                results.add(new Result("micro", key.job, key.params, key.contender, key.metric, key.unit, values)));
        return results;
    }
}
