/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.benchmarks.result.Result;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class PubSubGoalsTest {
    @Test
    void shouldDivideTurnByTurnAndHoldPipelinesAgainstTheStricterGoal() {
        List<Result> results = List.of(
                result("pubsub", Map.of("messages", "32"), "cpu", 50.0, 300.0, 30.0),
                result("redis", Map.of("messages", "32"), "cpu", 100.0, 500.0, 100.0),
                result("redis", Map.of("messages", "32", "window", "1"), "cpu", 1.0, 1.0, 1.0),
                result("pubsub", Map.of("messages", "32"), "throughput", 9.0),
                result("pubsub", Map.of("messages", "1", "window", "1"), "cpu", 101.0),
                result("redis", Map.of("messages", "1", "window", "1"), "cpu", 100.0),
                result("pubsub", Map.of("messages", "8"), "cpu", 1.0));

        assertEquals(
                List.of(
                        "CPU of a delivery ÷ redis-server's, pipelines of 32, many in flight 0.500 (0.400–0.550)"
                                + " goal ≤ 0.5: met",
                        "CPU of a delivery ÷ redis-server's, single messages, one in flight 1.010 (1.010–1.010)"
                                + " goal ≤ 1.0: not met"),
                lines(results));
    }

    private static Result result(String contender, Map<String, String> params, String metric, Double... samples) {
        return new Result("fanout", "broadcast", new TreeMap<>(params), contender, metric, "ns", List.of(samples));
    }

    private static List<String> lines(List<Result> results) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PubSubGoals.print(results, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isEmpty())
                .map(line -> line.replaceAll(" +", " ").strip())
                .toList();
    }
}
