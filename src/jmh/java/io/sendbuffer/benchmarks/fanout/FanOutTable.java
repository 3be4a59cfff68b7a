/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.result.Result;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The table at the end. */
public final class FanOutTable {
    private FanOutTable() {}

    public static void print(List<Result> results, PrintStream out) {
        out.printf(
                "%n%8s %7s %9s %-7s %5s %-16s %12s %8s %12s %12s %16s %10s %10s%n",
                "sessions",
                "bytes",
                "messages",
                "mode",
                "loops",
                "contender",
                "CPU ns",
                "spread",
                "publisher",
                "garbage B",
                "messages/s",
                "switches",
                "calls");
        results.stream()
                .filter(result -> result.metric().equals("cpu") || isOnlyOne(result, results))
                .forEach(result -> out.println(row(result, results)));
        out.println("CPU, garbage, context switches and system calls: of the server, for each message and session.");
        out.println("Publisher: the CPU ns of the thread that publishes, for each message, if it does nothing else.");
    }

    /** A contender for which only the system calls were counted. */
    private static boolean isOnlyOne(Result result, List<Result> results) {
        return result.metric().equals("systemCalls")
                && results.stream().noneMatch(other -> isBeside(other, result, "cpu"));
    }

    private static String row(Result result, List<Result> results) {
        String[] params = {"sessions", "bytes", "messages", "mode"};
        String[] words = new String[params.length];
        for (int i = 0; i < params.length; i++) {
            words[i] = Objects.requireNonNull(result.params().get(params[i]));
        }
        String spread =
                result.metric().equals("cpu") ? String.format(Locale.ROOT, "%.1f%%", 100 * result.spread()) : "";
        return String.format(
                Locale.ROOT,
                "%8s %7s %9s %-7s %5s %-16s %12s %8s %12s %12s %16s %10s %10s",
                words[0],
                words[1],
                words[2],
                words[3],
                result.params().getOrDefault("loops", "1"),
                result.contender(),
                median(result, results, "cpu", "%,.1f"),
                spread,
                median(result, results, "publisher", "%,.1f"),
                median(result, results, "garbage", "%,.2f"),
                median(result, results, "throughput", "%,.0f"),
                median(result, results, "contextSwitches", "%.5f"),
                median(result, results, "systemCalls", "%.4f"));
    }

    private static String median(Result beside, List<Result> results, String metric, String format) {
        return results.stream()
                .filter(result -> isBeside(result, beside, metric))
                .findFirst()
                .map(result -> String.format(Locale.ROOT, format, result.median()))
                .orElse("-");
    }

    private static boolean isBeside(Result candidate, Result row, String metric) {
        return candidate.metric().equals(metric)
                && candidate.contender().equals(row.contender())
                && candidate.params().equals(row.params());
    }
}
