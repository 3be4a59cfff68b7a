/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.result.Result;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The table at the end. */
public final class LogTable {
    private LogTable() {}

    public static void print(List<Result> results, PrintStream out) {
        out.printf(
                "%n%-13s %-68s %-15s %-12s %16s %8s %16s %s%n",
                "job", "parameters", "contender", "metric", "median", "spread", "max", "unit");
        results.forEach(result -> out.println(row(result)));
        out.println(
                "append, tick: CPU time of the thread that publishes, without its pauses; a tick is acquire, write,");
        out.println("seal, append and release. Spread: half of the distance between the quartiles.");
    }

    private static String row(Result result) {
        String params = result.params().entrySet().stream()
                .map(param -> param.getKey() + "=" + param.getValue())
                .collect(Collectors.joining(" "));
        return String.format(
                Locale.ROOT,
                "%-13s %-68s %-15s %-12s %,16.1f %7.1f%% %,16.1f %s",
                result.job(),
                params,
                result.contender(),
                result.metric(),
                result.median(),
                result.median() == 0 ? 0 : 100 * Math.abs(result.spread()),
                result.max(),
                result.unit());
    }
}
