/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.result.Result;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table at the end: medians of the turns. */
final class LatencyTable {
    private LatencyTable() {}

    static void print(List<Result> results, PrintStream out) {
        Map<String, StringBuilder> rows = new LinkedHashMap<>();
        StringBuilder head =
                rows.computeIfAbsent("", key -> new StringBuilder(String.format("%n%-40s", "µs, median of the turns")));
        String first = "";
        for (Result result : results) {
            if (!Latency.PERCENTILES.containsKey(result.metric())) {
                continue; // of all turns; the page shows them
            }
            Map<String, String> params = result.params();
            String name = String.format(
                    "%s %s, %s%%: %s ticks/s",
                    result.contender(), params.get("mode"), params.get("percent"), params.get("ticksPerSecond"));
            first = first.isEmpty() ? name : first;
            if (name.equals(first)) {
                head.append(String.format("%12s", result.metric()));
            }
            rows.computeIfAbsent(name, key -> new StringBuilder(String.format("%-40s", key)))
                    .append(String.format(Locale.ROOT, "%,12.1f", result.median()));
        }
        rows.values().forEach(out::println);
    }
}
