/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.result;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The result of one contender at one job, measured in several rounds, with one turn or more in each.
 *
 * @param suite micro, fanout, latency or memory
 * @param job what was done, such as {@code replace}, without its parameters
 * @param params the parameters, such as sessions, bytes, messages per tick
 * @param contender the contender, such as {@code sendbuffer} or {@code netty-epoll}
 * @param metric what was measured, such as {@code cpu} or {@code p99}
 * @param unit the unit of the samples, such as {@code ns/message/session}
 * @param samples one for each turn, in their order; never empty
 */
public record Result(
        String suite,
        String job,
        SortedMap<String, String> params,
        String contender,
        String metric,
        String unit,
        List<Double> samples) {

    public Result {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("a result without samples: " + suite + " " + job + " " + contender);
        }
        params = new TreeMap<>(params); // Gson reads a map of its own kind
        samples = List.copyOf(samples);
    }

    public double median() {
        return Samples.median(samples);
    }

    public double min() {
        return samples.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    public double max() {
        return samples.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Half the distance between the quartiles, as a fraction of the median. */
    public double spread() {
        return (Samples.upperQuartile(samples) - Samples.lowerQuartile(samples)) / 2 / median();
    }
}
