/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Resp;
import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Samples;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What the log has to reach, and what it has reached. A ratio is the median of those of each turn. */
public final class LogGoals {
    private static final double MAX_GROWTH = 1.2;
    private static final double MIN_THROUGHPUT = 0.95;
    private static final double MAX_BEYOND_MILLIS = 1000;

    /** Fewer say nothing of what those that stall cost. */
    private static final int MIN_SLICES = 3;

    private static final String RATIO = "throughput ÷ that without them";

    private final List<Result> results;
    private final PrintStream out;

    private LogGoals(List<Result> results, PrintStream out) {
        this.results = results;
        this.out = out;
    }

    public static void print(List<Result> results, PrintStream out) {
        LogGoals goals = new LogGoals(results, out);
        out.println();
        goals.publisher();
        goals.stalled();
        goals.stalledGroup();
        goals.churn();
    }

    /** The largest number of subscribers beside the smallest. */
    private void publisher() {
        Comparator<Result> bySessions = Comparator.comparingInt(result -> number(result, "sessions"));
        for (Result many : all(PublisherJob.NAME)) {
            Result few = all(PublisherJob.NAME).stream()
                    .filter(other -> isBeside(other, many))
                    .min(bySessions)
                    .orElse(many);
            Result most = all(PublisherJob.NAME).stream()
                    .filter(other -> isBeside(other, many))
                    .max(bySessions)
                    .orElse(many);
            if (many.equals(most) && !many.equals(few) && !many.metric().equals("rate")) {
                String what = String.format(
                        Locale.ROOT,
                        "publisher's CPU, %s, %s, %s: %,d subscribers ÷ %,d",
                        many.metric(),
                        many.contender(),
                        param(many, "pace"),
                        number(many, "sessions"),
                        number(few, "sessions"));
                List<Double> ratios = Samples.quotients(many.samples(), few.samples());
                boolean isGoal = isOfLog(many) && many.metric().equals("append") && !isFlatOut(many);
                line(what, ratios, isGoal ? verdict("≤ 1.2", Samples.median(ratios) <= MAX_GROWTH) : "");
            }
        }
    }

    private static boolean isOfLog(Result result) {
        return result.contender().equals(Setup.LOG);
    }

    /** Few subscribers read many more messages a second, and what is called that often stays in the caches. */
    private static boolean isFlatOut(Result result) {
        return param(result, "pace").equals(PublisherJob.FLAT_OUT);
    }

    private static boolean isBeside(Result other, Result result) {
        return other.metric().equals(result.metric())
                && other.contender().equals(result.contender())
                && param(other, "pace").equals(param(result, "pace"));
    }

    private void stalled() {
        for (Result with : all(StalledJob.NAME)) {
            if (number(with, "stalled") == 0) {
                continue;
            }
            String what = "stalled, policy " + param(with, "policy") + ": ";
            if (with.metric().equals("throughput")) {
                List<Double> ratios = Samples.quotients(with.samples(), alone().samples());
                line(what + RATIO, ratios, verdict("≥ 0.95", Samples.median(ratios) >= MIN_THROUGHPUT));
            } else {
                double limit = Double.parseDouble(param(with, "retention")) + Host.CHUNK_BYTES;
                line(
                        what + "the most memory (" + with.metric() + ") ÷ (retention + one chunk)",
                        List.of(with.max() / limit),
                        verdict("≤ 1", with.max() <= limit));
            }
        }
    }

    private Result alone() {
        return all(StalledJob.NAME).stream()
                .filter(result -> result.metric().equals("throughput") && number(result, "stalled") == 0)
                .findFirst()
                .orElseThrow();
    }

    /** The goals are the library's; beside them what its peers lose. */
    private void stalledGroup() {
        for (Result counted : all(StalledGroupJob.NAME)) {
            if (counted.metric().equals(StalledGroupSlices.COUNTED)) {
                stalledGroup(counted, "stalled-group, " + counted.contender() + ": ");
            }
        }
    }

    private void stalledGroup(Result counted, String what) {
        Optional<Result> with = ofGroup(counted, "throughput", number(counted, "stalled"));
        Optional<Result> without = ofGroup(counted, "throughput", 0);
        int turns = Math.min(sizeOf(with), sizeOf(without)); // a peer may have failed
        if (turns < MIN_SLICES) {
            out.printf(
                    Locale.ROOT,
                    "%-86s not measured: all that stall were there to the end in %,.0f %s, at least %d are needed%n",
                    what + RATIO,
                    counted.median(),
                    counted.unit(),
                    MIN_SLICES);
            return;
        }
        List<Double> ratios = Samples.quotients(
                with.orElseThrow().samples().subList(0, turns),
                without.orElseThrow().samples().subList(0, turns));
        boolean isOfGroup = counted.contender().startsWith(Setup.GROUP);
        boolean isOurs = isOfGroup || counted.contender().equals(Resp.SAMPLE);
        line(what + RATIO, ratios, isOurs ? verdict("≥ 0.95", Samples.median(ratios) >= MIN_THROUGHPUT) : "");
        Optional<Result> reserved = ofGroup(counted, "reserved", number(counted, "stalled"));
        if (isOfGroup && reserved.isPresent()) {
            double part = reserved.get().max() / Double.parseDouble(param(counted, "cap"));
            line(what + "the most memory (reserved) ÷ cap", List.of(part), verdict("≤ 1", part <= 1));
        }
    }

    private static int sizeOf(Optional<Result> result) {
        return result.map(there -> there.samples().size()).orElse(0);
    }

    /** Another result of the same contender. */
    private Optional<Result> ofGroup(Result counted, String metric, int stalled) {
        return all(StalledGroupJob.NAME).stream()
                .filter(result -> result.metric().equals(metric)
                        && result.contender().equals(counted.contender())
                        && number(result, "stalled") == stalled)
                .findFirst();
    }

    private void churn() {
        for (Result result : all(ChurnJob.NAME)) {
            if (result.metric().equals("loopBeyond")) {
                line(
                        "churn, " + param(result, "joins") + " joins and leaves: the loop's CPU time beyond, ms",
                        result.samples(),
                        verdict("≤ 1000", result.median() <= MAX_BEYOND_MILLIS));
            }
        }
    }

    private List<Result> all(String job) {
        return results.stream().filter(result -> result.job().equals(job)).toList();
    }

    private static int number(Result result, String name) {
        return Integer.parseInt(param(result, name));
    }

    private static String param(Result result, String name) {
        return Objects.requireNonNull(result.params().get(name));
    }

    private static String verdict(String goal, boolean isMet) {
        return "goal " + goal + ": " + (isMet ? "met" : "not met");
    }

    private void line(String what, List<Double> samples, String verdict) {
        out.printf(
                Locale.ROOT,
                "%-86s %,10.3f (%,.3f–%,.3f) %s%n",
                what,
                Samples.median(samples),
                Samples.lowerQuartile(samples),
                Samples.upperQuartile(samples),
                verdict);
    }
}
