/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Samples;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What the library has to reach beside its peers, and what it has reached. A ratio is the median of the turns'. */
final class WebGoals {
    private static final double MAX_OF_NETTY = 0.25;
    private static final double MAX_OF_EXPERT = 0.5;
    private static final double MAX_DEFLATED = 0.1;
    private static final double MAX_SINGLE = 1.0;

    /** A deflater alone has more than 256. */
    private static final double MAX_KIB_OF_A_CLIENT = 16;

    private static final double KIB = 1 << 10;

    private final List<Result> results;
    private final PrintStream out;

    private WebGoals(List<Result> results, PrintStream out) {
        this.results = results;
        this.out = out;
    }

    static void print(List<Result> results, PrintStream out) {
        out.printf(
                "%n| %-78s | %10s | %21s | %8s | %s%n| --- | --: | --- | --- | --- |%n",
                "what", "ratio", "quartiles", "goal", "met |");
        WebGoals goals = new WebGoals(results, out);
        for (String ours : WebContenders.OURS) {
            results.stream()
                    .filter(result ->
                            result.metric().equals("cpu") && result.contender().equals(ours))
                    .forEach(goals::cpu);
        }
        WebContenders.ALL.forEach(goals::memory);
    }

    private void cpu(Result ours) {
        boolean plain = param(ours, "encoding").equals(WebCell.PLAIN);
        boolean single = param(ours, "messages").equals("1");
        if (plain && single) {
            List<String> peers = WebContenders.ALL.stream()
                    .filter(name -> !WebContenders.OURS.contains(name))
                    .toList();
            best(ours, peers).ifPresent(peer -> ratio(ours, peer, MAX_SINGLE));
        } else if (plain) {
            best(ours, List.of(WebContenders.NETTY)).ifPresent(peer -> ratio(ours, peer, MAX_OF_NETTY));
            best(ours, List.of(WebContenders.NETTY_EXPERT)).ifPresent(peer -> ratio(ours, peer, MAX_OF_EXPERT));
            best(ours, List.of(WebContenders.NETTY_EXPERT_TICK)).ifPresent(peer -> ratio(ours, peer, Double.NaN));
        } else {
            boolean isGoal = Integer.parseInt(param(ours, "bytes")) >= KIB;
            best(ours, WebContenders.JAVA_SERVERS)
                    .ifPresent(peer -> ratio(ours, peer, isGoal ? MAX_DEFLATED : Double.NaN));
        }
    }

    /** The lowest median of some contenders, in the same cell. */
    private Optional<Result> best(Result ours, List<String> peers) {
        return results.stream()
                .filter(result -> result.metric().equals(ours.metric())
                        && result.params().equals(ours.params())
                        && peers.contains(result.contender()))
                .min(Comparator.comparingDouble(Result::median));
    }

    private void ratio(Result ours, Result peer, double most) {
        List<Double> ratios = Samples.quotients(ours.samples(), peer.samples());
        String what = String.format(
                Locale.ROOT,
                "CPU, %s clients, %s B × %s, %s: %s ÷ %s",
                param(ours, "clients"),
                param(ours, "bytes"),
                param(ours, "messages"),
                param(ours, "encoding"),
                ours.contender(),
                peer.contender());
        line(what, ratios, most);
    }

    /** By how much a server's memory grows with each client: beside fewer clients, in the same cell. */
    private void memory(String contender) {
        List<Result> all = results.stream()
                .filter(result -> result.metric().equals("resident")
                        && result.contender().equals(contender)
                        && param(result, "encoding").equals(WebCell.DEFLATED))
                .toList();
        for (Result many : all) {
            all.stream()
                    .filter(few -> param(few, "bytes").equals(param(many, "bytes"))
                            && param(few, "messages").equals(param(many, "messages"))
                            && clients(few) < clients(many))
                    .min(Comparator.comparingInt(WebGoals::clients))
                    .ifPresent(few -> growth(few, many));
        }
    }

    private void growth(Result few, Result many) {
        double kib = (many.median() - few.median()) / KIB / (clients(many) - clients(few));
        String what = String.format(
                Locale.ROOT,
                "resident KiB of a client, %d − %d clients, %s B × %s, deflated: %s",
                clients(many),
                clients(few),
                param(many, "bytes"),
                param(many, "messages"),
                many.contender());
        boolean isOurs = WebContenders.OURS.contains(many.contender());
        line(what, List.of(kib), isOurs ? MAX_KIB_OF_A_CLIENT : Double.NaN);
    }

    private void line(String what, List<Double> samples, double most) {
        double median = Samples.median(samples);
        out.printf(
                Locale.ROOT,
                "| %-78s | %,10.3f | %,9.3f – %,9.3f | %8s | %s |%n",
                what,
                median,
                Samples.lowerQuartile(samples),
                Samples.upperQuartile(samples),
                Double.isNaN(most) ? "–" : "≤ " + most,
                Double.isNaN(most) ? "–" : median <= most ? "met" : "not met");
    }

    private static int clients(Result result) {
        return Integer.parseInt(param(result, "clients"));
    }

    private static String param(Result result, String name) {
        return Objects.requireNonNull(result.params().get(name));
    }
}
