/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Pair;
import io.sendbuffer.benchmarks.net.Turns;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Runs the cells, the contenders in turn, each in processes of its own that all cells of a kind share. */
final class WebJob {
    static final String SUITE = "web";
    static final String JOB = "broadcast";

    /** A warm-up continues while much is being compiled, for at most this many times its length. */
    private static final long MAX_WARMUPS = 4;

    /** The code is compiled by then, but caches and branch predictors have served other contenders meanwhile. */
    private static final long LATER_WARMUP_MILLIS = 20;

    private static final int EXTRA_SECONDS = 60;

    /** The metrics and their units. */
    private static final Map<String, String> METRICS = new LinkedHashMap<>();

    static {
        METRICS.put("cpu", "ns/message/client");
        METRICS.put("processCpu", "ns/message/client");
        METRICS.put("throughput", "messages/s");
        METRICS.put("garbage", "B/message/client");
        METRICS.put("contextSwitches", "1/message/client");
        METRICS.put("wire", "B/message");
        METRICS.put("resident", "B");
    }

    private record Key(WebCell cell, String contender, String metric) {}

    private final WebSettings settings;
    private final PrintStream progress;
    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();
    private final Set<String> missing = new LinkedHashSet<>();

    private WebJob(WebSettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @throws IOException if a client did not get everything, a buffer did not come back, or a process failed or took
     *     too long
     */
    static List<Result> run(WebSettings settings, PrintStream progress) throws IOException, InterruptedException {
        WebJob job = new WebJob(settings, progress);
        Map<List<Object>, List<WebCell>> ofSameProcesses = new LinkedHashMap<>();
        settings.cells()
                .forEach(cell -> ofSameProcesses
                        .computeIfAbsent(List.of(cell.clients(), cell.deflates()), key -> new ArrayList<>())
                        .add(cell));
        for (List<WebCell> cells : ofSameProcesses.values()) {
            job.run(cells);
        }
        return job.results();
    }

    private void run(List<WebCell> cells) throws IOException, InterruptedException {
        int clients = cells.get(0).clients();
        if (!Pair.descriptorsSuffice(clients)) {
            progress.println("skipped: " + clients + " clients, which need more descriptors (ulimit -n)");
            return;
        }
        Map<String, WebPair> pairs = new LinkedHashMap<>();
        try {
            for (String contender : settings.contenders()) {
                start(contender, clients, cells.get(0).deflates(), pairs);
            }
            for (WebCell cell : cells) {
                takeTurns(cell, pairs);
            }
            for (WebPair pair : pairs.values()) {
                pair.end();
            }
        } finally {
            pairs.values().forEach(WebPair::close);
        }
    }

    private void start(String contender, int clients, boolean deflates, Map<String, WebPair> pairs)
            throws IOException, InterruptedException {
        if (missing.contains(contender)) {
            return;
        }
        try {
            pairs.put(contender, WebPair.start(contender, clients, deflates));
        } catch (UnsupportedOperationException e) {
            missing.add(contender);
            progress.println("skipped: " + contender + ", " + e.getMessage());
        }
    }

    private void takeTurns(WebCell cell, Map<String, WebPair> pairs) throws IOException, InterruptedException {
        List<String> contenders = pairs.keySet().stream()
                .filter(name -> WebContenders.differs(name, cell.messages()))
                .toList();
        for (int turn = 1; turn <= settings.slices(); turn++) {
            for (String contender : Turns.order(contenders, turn)) {
                Line result = run(Objects.requireNonNull(pairs.get(contender)), cell, turn == 1);
                METRICS.forEach((metric, unit) -> {
                    if (result.has(metric)) {
                        samples.computeIfAbsent(new Key(cell, contender, metric), key -> new ArrayList<>())
                                .add(result.real(metric));
                    }
                });
                if (turn == settings.slices()) {
                    progress.printf(Locale.ROOT, "%s %s: %,.1f ns%n", contender, cell, result.real("cpu"));
                }
            }
        }
    }

    private Line run(WebPair pair, WebCell cell, boolean first) throws IOException, InterruptedException {
        long warmup = first ? settings.warmupMillis() : LATER_WARMUP_MILLIS;
        long seconds = (MAX_WARMUPS * warmup + settings.sliceMillis()) / 1000 + EXTRA_SECONDS;
        return pair.run(cell.order(warmup, MAX_WARMUPS * warmup, settings.sliceMillis()), seconds);
    }

    private List<Result> results() {
        List<Result> results = new ArrayList<>();
        samples.forEach((key, list) -> results.add(new Result(
                SUITE, JOB, key.cell.params(), key.contender, key.metric, METRICS.getOrDefault(key.metric, ""), list)));
        return results;
    }
}
