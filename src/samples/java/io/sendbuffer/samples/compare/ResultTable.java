/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.util.List;

/** The table at the end. */
final class ResultTable {
    private static final String ROW = "%-32s %13s %11s %11s %11s %10s %10s %10s%n";

    private ResultTable() {}

    static void print(CompareSettings settings, List<DesignResult> results) {
        System.out.printf(
                "%n%d clients in a second process, %d-byte messages, ticks of %d, JDK %s, %d processors%n%n",
                settings.clients(),
                settings.messageBytes(),
                settings.tick(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors());
        System.out.printf(ROW, "", "", "sender CPU", "copied", "garbage", "latency", "", "");
        System.out.printf(ROW, "", "deliveries", "ns/message", "bytes per", "B/message", "p50", "p99", "p99.9");
        System.out.printf(ROW, "design", "per second", "and client", "broadcast", "and client", "µs", "µs", "µs");
        for (DesignResult result : results) {
            System.out.printf(
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
        System.out.printf(
                "%nA delivery is one message to one client. Throughput, CPU and garbage: flat out. Copies: of the payload, in user%nspace, the JDK's own included. Latency, publish to receipt: at %,.0f broadcasts/s, half of what%n"
                        + "the first design carried. Sender CPU counts the sending threads, not the kernel's receiving side.%n",
                results.get(0).fixedRate());
    }
}
