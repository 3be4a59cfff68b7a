/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.benchmarks.result.Result;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class TlsGoalsTest {
    @Test
    void shouldCompareWithTheBestFormOfNettyTurnByTurn() {
        Map<String, String> tick = Map.of("bytes", "64", "messages", "32");
        Map<String, String> single = Map.of("bytes", "64", "messages", "1", "window", "1");
        List<Result> results = List.of(
                result("sendbuffer-tls", tick, "cpu", 50.0, 300.0, 30.0),
                result("blocking-tls", tick, "cpu", 1.0, 1.0, 1.0),
                result("netty-tls-guide", tick, "cpu", 900.0, 900.0, 900.0),
                result("netty-tls-tick", tick, "cpu", 100.0, 500.0, 100.0),
                result("netty-tls-tick", single, "garbage", 1.0),
                result("sendbuffer-tls", single, "cpu", 101.0),
                result("netty-tls", single, "cpu", 100.0));

        assertEquals(
                List.of(
                        "CPU of a delivery ÷ netty-tls-tick's, 64 B × 32, many in flight 0.500 (0.400–0.550)"
                                + " goal ≤ 1.0: met",
                        "CPU of a delivery ÷ netty-tls's, 64 B × 1, 1 in flight 1.010 (1.010–1.010)"
                                + " goal ≤ 1.0: not met"),
                lines(results));
    }

    private static Result result(String contender, Map<String, String> params, String metric, Double... samples) {
        return new Result("tls", "broadcast", new TreeMap<>(params), contender, metric, "ns", List.of(samples));
    }

    private static List<String> lines(List<Result> results) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TlsGoals.print(results, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isEmpty())
                .map(line -> line.replaceAll(" +", " ").strip())
                .toList();
    }
}
