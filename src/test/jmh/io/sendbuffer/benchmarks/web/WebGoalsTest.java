/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.benchmarks.result.Result;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WebGoalsTest {
    private static final double KIB = 1024;

    @Test
    void shouldHoldTicksAgainstBothFormsOfNetty() {
        WebCell cell = new WebCell(100, false, 64, 32);

        assertEquals(
                List.of(
                        "CPU, 100 clients, 64 B × 32, plain: sendbuffer ÷ netty | 0.250 | 0.225 – 0.275 | ≤ 0.25 | met",
                        "CPU, 100 clients, 64 B × 32, plain: sendbuffer ÷ netty-expert | 1.000 | 0.900 – 1.100 | ≤ 0.5 |"
                                + " not met"),
                lines(List.of(
                        cpu("sendbuffer", cell, 20, 25, 30),
                        cpu("netty", cell, 100, 100, 100),
                        cpu("netty-expert", cell, 25, 25, 25),
                        cpu("netty", new WebCell(1000, false, 64, 32), 1, 1, 1))));
    }

    @Test
    void shouldHoldSingleMessagesAgainstTheBestOfAllPeers() {
        WebCell cell = new WebCell(100, false, 64, 1);

        assertEquals(
                List.of(
                        "CPU, 100 clients, 64 B × 1, plain: sendbuffer-inline ÷ jetty | 1.000 | 1.000 – 1.000 | ≤ 1.0 | met"),
                lines(List.of(cpu("sendbuffer-inline", cell, 30), cpu("node-ws", cell, 40), cpu("jetty", cell, 30))));
    }

    @Test
    void shouldHoldDeflatedOnesAgainstJavaServersThatDeflateForEachConnection() {
        WebCell cell = new WebCell(100, true, 1024, 32);

        assertEquals(
                List.of("CPU, 100 clients, 1024 B × 32, deflated: sendbuffer ÷ java-websocket | 0.200 | 0.200 – 0.200 |"
                        + " ≤ 0.1 | not met"),
                lines(List.of(
                        cpu("sendbuffer", cell, 10),
                        cpu("netty-expert", cell, 1),
                        cpu("node-ws", cell, 2),
                        cpu("jetty", cell, 60),
                        cpu("java-websocket", cell, 50))));
    }

    @Test
    void shouldDivideTheGrowthOfMemoryByTheClientsThatCame() {
        WebCell few = new WebCell(100, true, 1024, 1);
        WebCell many = new WebCell(1100, true, 1024, 1);

        assertEquals(
                List.of(
                        "resident KiB of a client, 1100 − 100 clients, 1024 B × 1, deflated: sendbuffer | 10.000 |"
                                + " 10.000 – 10.000 | ≤ 16.0 | met",
                        "resident KiB of a client, 1100 − 100 clients, 1024 B × 1, deflated: netty | 260.000 |"
                                + " 260.000 – 260.000 | – | –"),
                lines(List.of(
                        result("sendbuffer", few, "resident", 500 * KIB),
                        result("sendbuffer", many, "resident", 10_500 * KIB),
                        result("netty", few, "resident", 0),
                        result("netty", many, "resident", 260_000 * KIB))));
    }

    private static Result cpu(String contender, WebCell cell, double... samples) {
        return result(contender, cell, "cpu", samples);
    }

    private static Result result(String contender, WebCell cell, String metric, double... samples) {
        List<Double> list = Arrays.stream(samples).boxed().toList();
        return new Result(WebJob.SUITE, WebJob.JOB, cell.params(), contender, metric, "", list);
    }

    private static List<String> lines(List<Result> results) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WebGoals.print(results, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("clients"))
                .map(line -> line.replaceAll(" +", " ").replaceAll("^\\| | \\|$", ""))
                .toList();
    }
}
