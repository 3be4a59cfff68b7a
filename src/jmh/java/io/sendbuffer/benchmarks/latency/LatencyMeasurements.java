package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.Result;
import io.sendbuffer.benchmarks.net.Line;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Collects samples, turn by turn. */
final class LatencyMeasurements {
    private record Key(Entrant entrant, int percent, String ticksPerSecond, String metric) {}

    private final int sessions;
    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();

    LatencyMeasurements(int sessions) {
        this.sessions = sessions;
    }

    void add(Entrant entrant, int percent, double rate, Line latencies) {
        String ticks = String.format(Locale.ROOT, "%.0f", rate);
        List<String> metrics = new ArrayList<>(Latency.PERCENTILES.keySet());
        metrics.add("max");
        for (String metric : metrics) {
            samples.computeIfAbsent(new Key(entrant, percent, ticks, metric), key -> new ArrayList<>())
                    .add(latencies.real(metric) / 1e3);
        }
    }

    List<Result> results() {
        List<Result> results = new ArrayList<>();
        samples.forEach((key, list) -> {
            TreeMap<String, String> params = new TreeMap<>();
            params.put("sessions", String.valueOf(sessions));
            params.put("bytes", String.valueOf(Latency.MESSAGE_BYTES));
            params.put("percent", String.valueOf(key.percent));
            params.put("ticksPerSecond", key.ticksPerSecond);
            params.put("mode", key.entrant.mode().toString());
            results.add(new Result(
                    "latency", "publish-to-receipt", params, key.entrant.contender(), key.metric, "µs", list));
        });
        return results;
    }
}
