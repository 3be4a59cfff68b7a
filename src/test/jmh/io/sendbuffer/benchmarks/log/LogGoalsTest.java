/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.benchmarks.net.Resp;
import io.sendbuffer.benchmarks.result.Result;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class LogGoalsTest {
    private static final long RETENTION = 1000;

    @Test
    void shouldDivideTheMostSubscribersByTheFewestTurnByTurn() {
        List<Result> results = List.of(
                publisher(Setup.LOG, 10, 100.0, 200.0, 50.0),
                publisher(Setup.LOG, 100, 1.0, 1.0, 1.0),
                publisher(Setup.LOG, 1000, 119.0, 300.0, 50.0),
                publisher(Setup.GROUP, 10, 100.0, 100.0, 100.0),
                publisher(Setup.GROUP, 1000, 900.0, 900.0, 900.0));

        assertEquals(
                List.of(
                        "publisher's CPU, append, sendbuffer-log, 1000: 1,000 subscribers ÷ 10 1.190"
                                + " (1.095–1.345) goal ≤ 1.2: met",
                        "publisher's CPU, append, sendbuffer, 1000: 1,000 subscribers ÷ 10 9.000 (9.000–9.000)"),
                lines(results));
    }

    @Test
    void shouldNotSetAGoalWhereFewSubscribersAreSentMoreMessagesASecond() {
        List<Result> results = List.of(publisher(10, "flat out", 1.0), publisher(1000, "flat out", 9.0));

        assertEquals(
                List.of("publisher's CPU, append, sendbuffer-log, flat out: 1,000 subscribers ÷ 10"
                        + " 9.000 (9.000–9.000)"),
                lines(results));
    }

    @Test
    void shouldNotSetAGoalForOneNumberOfSubscribers() {
        assertEquals(List.of(), lines(List.of(publisher(Setup.LOG, 10, 100.0))));
    }

    @Test
    void shouldCompareWhatReadsBesideStalledSubscribersWithWhatReadsAlone() {
        List<Result> results = List.of(
                stalled("skip", 0, "throughput", 100.0, 200.0),
                stalled("skip", 0, "inUse", 1e9),
                stalled("skip", 7, "throughput", 93.0, 190.0),
                stalled("end", 7, "throughput", 96.0, 196.0));

        assertEquals(
                List.of(
                        "stalled, policy skip: throughput ÷ that without them 0.940 (0.935–0.945)"
                                + " goal ≥ 0.95: not met",
                        "stalled, policy end: throughput ÷ that without them 0.970 (0.965–0.975) goal ≥ 0.95: met"),
                lines(results));
    }

    /** The median does not matter: it is a bound. */
    @Test
    void shouldHoldTheMostMemoryAgainstTheRetentionAndOneChunk() {
        double limit = RETENTION + Host.CHUNK_BYTES;
        List<Result> results =
                List.of(stalled("end", 7, "inUse", 0.0, 0.0, limit), stalled("end", 7, "pinned", 0.0, 0.0, 2 * limit));

        assertEquals(
                List.of(
                        "stalled, policy end: the most memory (inUse) ÷ (retention + one chunk) 1.000 (1.000–1.000)"
                                + " goal ≤ 1: met",
                        "stalled, policy end: the most memory (pinned) ÷ (retention + one chunk) 2.000 (2.000–2.000)"
                                + " goal ≤ 1: not met"),
                lines(results));
    }

    @Test
    void shouldSetTheGoalsOfAGroupForTheLibraryAlone() {
        List<Result> results = List.of(
                stalledGroup(Setup.GROUP, 0, "throughput", 100.0, 200.0, 100.0),
                stalledGroup(Setup.GROUP, 7, "throughput", 96.0, 194.0, 96.4),
                stalledGroup(Setup.GROUP, 7, "reserved", 1.0, 1.0, 500.0),
                stalledGroup(Setup.GROUP, 7, "counted", 3.0),
                stalledGroup("netty-epoll", 0, "throughput", 100.0, 100.0, 100.0, 100.0),
                stalledGroup("netty-epoll", 7, "throughput", 50.0, 70.0, 60.0),
                stalledGroup("netty-epoll", 7, "reserved", 2000.0),
                stalledGroup("netty-epoll", 7, "counted", 3.0));

        assertEquals(
                List.of(
                        "stalled-group, sendbuffer: throughput ÷ that without them 0.964 (0.962–0.967)"
                                + " goal ≥ 0.95: met",
                        "stalled-group, sendbuffer: the most memory (reserved) ÷ cap 0.500 (0.500–0.500)"
                                + " goal ≤ 1: met",
                        "stalled-group, netty-epoll: throughput ÷ that without them 0.600 (0.550–0.650)"),
                lines(results));
    }

    @Test
    void shouldNotJudgeByAFewSlices() {
        List<Result> results = List.of(
                stalledGroup(Setup.DEFAULTS, 0, "throughput", 100.0, 200.0),
                stalledGroup(Setup.DEFAULTS, 7, "throughput", 100.0, 200.0),
                stalledGroup(Setup.DEFAULTS, 7, "reserved", 1.0, 1.0),
                stalledGroup(Setup.DEFAULTS, 7, "counted", 2.0),
                stalledGroup(Resp.SAMPLE, 0, "sessions", 7.0),
                stalledGroup(Resp.SAMPLE, 7, "counted", 0.0));

        assertEquals(
                List.of(
                        "stalled-group, sendbuffer-defaults: throughput ÷ that without them not measured:"
                                + " all that stall were there to the end in 2 of 12 slices, at least 3 are needed",
                        "stalled-group, pubsub: throughput ÷ that without them not measured:"
                                + " all that stall were there to the end in 0 of 12 slices, at least 3 are needed"),
                lines(results));
    }

    @Test
    void shouldBoundWhatJoinsAndLeavesCostBeyondASliceWithoutThem() {
        Map<String, String> params = Map.of("joins", "100000");
        List<Result> results = List.of(
                result(ChurnJob.NAME, params, Setup.LOG, "loopWith", 5000.0),
                result(ChurnJob.NAME, params, Setup.LOG, "loopBeyond", 1200.0, 900.0, 1001.0));

        assertEquals(
                List.of("churn, 100000 joins and leaves: the loop's CPU time beyond, ms 1,001.000"
                        + " (950.500–1,100.500) goal ≤ 1000: not met"),
                lines(results));
    }

    private static Result publisher(String contender, int sessions, Double... samples) {
        return result(PublisherJob.NAME, publisherParams(sessions, "1000"), contender, "append", samples);
    }

    private static Result publisher(int sessions, String pace, Double... samples) {
        return result(PublisherJob.NAME, publisherParams(sessions, pace), Setup.LOG, "append", samples);
    }

    private static Map<String, String> publisherParams(int sessions, String pace) {
        return Map.of("sessions", String.valueOf(sessions), "pace", pace);
    }

    private static Result stalled(String policy, int count, String metric, Double... samples) {
        Map<String, String> params =
                Map.of("policy", policy, "stalled", String.valueOf(count), "retention", String.valueOf(RETENTION));
        return result(StalledJob.NAME, params, Setup.LOG, metric, samples);
    }

    private static Result stalledGroup(String contender, int count, String metric, Double... samples) {
        Map<String, String> params = Map.of("stalled", String.valueOf(count), "cap", "1000");
        return new Result(
                "log",
                StalledGroupJob.NAME,
                new TreeMap<>(params),
                contender,
                metric,
                "of 12 slices",
                List.of(samples));
    }

    private static Result result(
            String job, Map<String, String> params, String contender, String metric, Double... samples) {
        return new Result("log", job, new TreeMap<>(params), contender, metric, "", List.of(samples));
    }

    /** Without the spaces that make them a table. */
    private static List<String> lines(List<Result> results) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LogGoals.print(results, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll(" +", " ").strip())
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
