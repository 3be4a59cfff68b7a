/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.result.Result;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The table of all medians. */
final class WebTable {
    private static final double MIB = 1 << 20;

    private WebTable() {}

    static void print(List<Result> results, PrintStream out) {
        out.printf(
                "%n%7s %-8s %6s %8s %-18s %12s %7s %12s %14s %10s %9s%n",
                "clients",
                "encoding",
                "bytes",
                "messages",
                "contender",
                "CPU ns",
                "spread",
                "garbage B",
                "messages/s",
                "wire B",
                "MiB");
        results.stream()
                .filter(result -> result.metric().equals("cpu"))
                .forEach(result -> out.println(row(result, results)));
        out.println(
                "CPU of the server's threads and garbage: for each message and client. Spread: half of the distance");
        out.println("between the quartiles. MiB: the server's resident memory, of Java a heap of 1,024 MiB included.");
    }

    private static String row(Result cpu, List<Result> results) {
        return String.format(
                Locale.ROOT,
                "%7s %-8s %6s %8s %-18s %,12.1f %6.1f%% %12s %14s %10s %9s",
                cpu.params().get("clients"),
                cpu.params().get("encoding"),
                cpu.params().get("bytes"),
                cpu.params().get("messages"),
                cpu.contender(),
                cpu.median(),
                100 * cpu.spread(),
                beside(cpu, results, "garbage", "%,.1f", 1),
                beside(cpu, results, "throughput", "%,.0f", 1),
                beside(cpu, results, "wire", "%,.0f", 1),
                beside(cpu, results, "resident", "%,.0f", MIB));
    }

    private static String beside(Result cpu, List<Result> results, String metric, String format, double unit) {
        return results.stream()
                .filter(result -> result.metric().equals(metric)
                        && result.contender().equals(cpu.contender())
                        && result.params().equals(cpu.params()))
                .findFirst()
                .map(result -> String.format(Locale.ROOT, format, result.median() / unit))
                .orElse("-");
    }
}
