/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * Collects samples, turn by turn; and all latencies, for percentiles that include every stall. The median of many turns
 * shows which contender is faster on a machine that also does other work; only all latencies together show the
 * occasional long wait of a receiver.
 */
final class LatencyMeasurements {
    private static final double NANOS_PER_MICRO = 1e3;

    private record Key(Entrant entrant, int percent, String ticksPerSecond, String metric) {}

    private final int sessions;
    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();
    private final Map<Key, Histogram> all = new LinkedHashMap<>();

    LatencyMeasurements(int sessions) {
        this.sessions = sessions;
    }

    void add(Entrant entrant, int percent, double rate, Line latencies) throws IOException {
        String ticks = String.format(Locale.ROOT, "%.0f", rate);
        for (String metric : Latency.PERCENTILES.keySet()) {
            samples.computeIfAbsent(new Key(entrant, percent, ticks, metric), key -> new ArrayList<>())
                    .add(latencies.real(metric) / NANOS_PER_MICRO);
        }
        Histogram turn = decode(latencies.text("histogram"));
        all.computeIfAbsent(new Key(entrant, percent, ticks, ""), key -> new Histogram(turn))
                .add(turn);
    }

    private static Histogram decode(String text) throws IOException {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
        } catch (DataFormatException e) {
            throw new IOException("the reader's histogram cannot be read", e);
        }
    }

    List<Result> results() {
        List<Result> results = new ArrayList<>();
        samples.forEach((key, list) -> results.add(result(key, key.metric, list)));
        Latency.PERCENTILES.forEach((name, percentile) -> all.forEach((key, histogram) -> results.add(result(
                key, name + " of all turns", List.of(histogram.getValueAtPercentile(percentile) / NANOS_PER_MICRO)))));
        all.forEach((key, histogram) ->
                results.add(result(key, "longest of all turns", List.of(histogram.getMaxValue() / NANOS_PER_MICRO))));
        return results;
    }

    private Result result(Key key, String metric, List<Double> list) {
        TreeMap<String, String> params = new TreeMap<>();
        params.put("sessions", String.valueOf(sessions));
        params.put("bytes", String.valueOf(Latency.MESSAGE_BYTES));
        params.put("percent", String.valueOf(key.percent));
        params.put("ticksPerSecond", key.ticksPerSecond);
        params.put("mode", key.entrant.mode().toString());
        return new Result("latency", "publish-to-receipt", params, key.entrant.contender(), metric, "µs", list);
    }
}
