/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** The table at the end, and what it says about each gain alone. */
final class ResultTable {
    private static final String ROW = "%-32s %13s %11s %11s %11s %10s %10s %10s%n";

    private ResultTable() {}

    static void print(CompareSettings settings, List<DesignResult> results, PrintStream out) {
        out.printf(
                "%n%d clients in a second process, %d-byte messages, ticks of %d, JDK %s, %d processors%n%n",
                settings.clients(),
                settings.messageBytes(),
                settings.tick(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors());
        out.printf(ROW, "", "", "sender CPU", "copied", "garbage", "latency", "", "");
        out.printf(ROW, "", "deliveries", "ns/message", "bytes per", "B/message", "p50", "p99", "p99.9");
        out.printf(ROW, "design", "per second", "and client", "broadcast", "and client", "µs", "µs", "µs");
        for (DesignResult result : results) {
            out.printf(
                    ROW,
                    result.name(),
                    String.format("%,.0f", result.messagesPerSecond()),
                    String.format("%,.0f", result.cpuNanosEach()),
                    String.format("%,.0f", result.copiedBytesPerBroadcast()),
                    String.format("%,.2f", result.garbageBytesEach()),
                    String.format("%,.0f", result.atRate().p50Micros()),
                    String.format("%,.0f", result.atRate().p99Micros()),
                    String.format("%,.0f", result.atRate().p999Micros()));
        }
        out.printf(
                "%nA delivery is one message to one client. Throughput, CPU and garbage: flat out. Copies: of the payload, in user%nspace, the JDK's own included. Latency, publish to receipt: at %,.0f broadcasts/s, half of what%n"
                        + "the first design carried. Sender CPU counts the sending threads, not the kernel's receiving side.%n",
                results.get(0).fixedRate());
        printGains(results, out);
    }

    private static void printGains(List<DesignResult> results, PrintStream out) {
        out.printf("%nWhat each step gains, in sender CPU:%n%n");
        printGain("coalescing", CopyPerClient.PER_TICK, CopyPerClient.PER_MESSAGE, results, out);
        printGain("sharing", SharedBuffer.PER_TICK, CopyPerClient.PER_TICK, results, out);
        printGain("both", SharedBuffer.PER_TICK, CopyPerClient.PER_MESSAGE, results, out);
        printGain("the log", SharedLog.PER_TICK, SharedBuffer.PER_TICK, results, out);
        out.printf(
                "%nThe publisher's thread writes; what is in a log its loop writes, and merges what waits. The row log appends a%ntick as one batch.%n");
    }

    private static void printGain(
            String gain, String name, String beside, List<DesignResult> results, PrintStream out) {
        double ratio = cpuOf(name, results) / cpuOf(beside, results);
        out.printf("  %-11s %5s  %s ÷ %s%n", gain, String.format(Locale.ROOT, "%.2f", ratio), name, beside);
    }

    private static double cpuOf(String name, List<DesignResult> results) {
        return results.stream()
                .filter(result -> result.name().equals(name))
                .findFirst()
                .orElseThrow()
                .cpuNanosEach();
    }
}
