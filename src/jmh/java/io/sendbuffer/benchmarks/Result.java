package io.sendbuffer.benchmarks;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one contender did at one job, measured in several rounds.
 *
 * @param suite micro, fanout, latency or memory
 * @param job what was done, such as {@code replace}, without its parameters
 * @param params under what circumstances, such as sessions, bytes, messages per tick
 * @param contender who did it, such as {@code sendbuffer} or {@code netty-epoll}
 * @param metric what was measured, such as {@code cpu} or {@code p99}
 * @param unit the unit of the samples, such as {@code ns/message/session}
 * @param samples one for each round, in their order; never empty
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
        List<Double> sorted = samples.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    public double min() {
        return samples.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    public double max() {
        return samples.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Half the distance from the lowest to the highest sample, as a part of the median. */
    public double spread() {
        return (max() - min()) / 2 / median();
    }
}
