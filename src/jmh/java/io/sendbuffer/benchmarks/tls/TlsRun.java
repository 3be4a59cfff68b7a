/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.tls;

import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Mode;
import io.sendbuffer.benchmarks.net.Pair;
import io.sendbuffer.benchmarks.net.Turns;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Runs the cells, the contenders in turn, each in processes of its own; then asks each for its memory. */
final class TlsRun {
    private static final int EXTRA_SECONDS = 60;
    private static final long MAX_WARMUPS = 4;
    private static final long LATER_WARMUP_MILLIS = 20;

    private static final Map<String, String> METRICS = new LinkedHashMap<>();
    private static final Map<String, String> OF_MEMORY = new LinkedHashMap<>();

    static {
        METRICS.put("cpu", "ns/message/session");
        METRICS.put("publisher", "ns/message");
        METRICS.put("processCpu", "ns/message/session");
        METRICS.put("throughput", "messages/s");
        METRICS.put("garbage", "B/message/session");
        METRICS.put("contextSwitches", "1/message/session");
        OF_MEMORY.put("heap", "B/session");
        OF_MEMORY.put("other", "B/session");
        OF_MEMORY.put("threads", "1/session");
    }

    /**
     * What to measure, and for how long.
     *
     * @param warmupMillis before a process's first turn with a cell
     */
    record Settings(
            int clients, List<String> contenders, List<Cell> cells, int turns, int warmupMillis, int measureMillis) {}

    /**
     * One combination of parameters.
     *
     * @param window how many ticks may be in flight; 0 for as many as leave room in the kernel's buffers
     */
    record Cell(int bytes, int messages, int window) {}

    private record Key(SortedMap<String, String> params, String contender, String metric, String unit) {}

    private final Settings settings;
    private final PrintStream progress;
    private final Map<String, Pair> pairs = new LinkedHashMap<>();
    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();

    private TlsRun(Settings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /** Measures; fails if a byte was wrong, lost or too many, or a buffer did not come back. */
    static List<Result> run(Settings settings, PrintStream progress) throws IOException, InterruptedException {
        TlsRun run = new TlsRun(settings, progress);
        try {
            for (String contender : settings.contenders()) {
                run.start(contender);
            }
            for (Cell cell : settings.cells()) {
                run.takeTurns(cell);
            }
            run.askForMemory();
            for (Pair pair : run.pairs.values()) {
                pair.end();
            }
        } finally {
            run.pairs.values().forEach(Pair::close);
        }
        List<Result> results = new ArrayList<>();
        run.samples.forEach((key, list) ->
                results.add(new Result("tls", "broadcast", key.params, key.contender, key.metric, key.unit, list)));
        return results;
    }

    private void start(String contender) throws IOException, InterruptedException {
        long start = System.nanoTime();
        pairs.put(contender, Pair.start(contender, Mode.LOOP, settings.clients(), 1, TlsReader.class));
        progress.printf(
                Locale.ROOT,
                "%s: %,d clients connected in %.1f s%n",
                contender,
                settings.clients(),
                (System.nanoTime() - start) / 1e9);
    }

    private void takeTurns(Cell cell) throws IOException, InterruptedException {
        List<String> contenders = settings.contenders().stream()
                .filter(name -> Contenders.differs(name, cell.messages()))
                .toList();
        for (int turn = 1; turn <= settings.turns(); turn++) {
            for (String contender : Turns.order(contenders, turn)) {
                double cpu = measure(cell, contender, turn == 1);
                if (turn == settings.turns()) {
                    progress.printf(Locale.ROOT, "%s %s: %,.1f ns%n", contender, cell, cpu);
                }
            }
        }
    }

    private double measure(Cell cell, String contender, boolean first) throws IOException, InterruptedException {
        long warmup = first ? settings.warmupMillis() : LATER_WARMUP_MILLIS;
        Line order = Line.of("cell")
                .with("bytes", cell.bytes())
                .with("messages", cell.messages())
                .with("window", cell.window())
                .with("warmupMs", warmup)
                .with("maxWarmupMs", MAX_WARMUPS * warmup)
                .with("measureMs", settings.measureMillis());
        long seconds = (MAX_WARMUPS * warmup + settings.measureMillis()) / 1000 + EXTRA_SECONDS;
        Line result = pairOf(contender).server().ask(order, "result", seconds);
        add(params(cell), contender, METRICS, result);
        return result.real("cpu");
    }

    private void askForMemory() throws IOException, InterruptedException {
        SortedMap<String, String> params = new TreeMap<>(Map.of("sessions", String.valueOf(settings.clients())));
        for (String contender : settings.contenders()) {
            Line memory = pairOf(contender).server().ask(Line.of("memory"), "memory", EXTRA_SECONDS);
            add(params, contender, OF_MEMORY, memory);
            progress.printf(
                    Locale.ROOT,
                    "%s: %,.0f B of heap, %,.0f B of other memory, %.1f threads for each client%n",
                    contender,
                    memory.real("heap"),
                    memory.real("other"),
                    memory.real("threads"));
        }
    }

    private Pair pairOf(String contender) {
        Pair pair = pairs.get(contender);
        if (pair == null) {
            throw new IllegalStateException(contender + " was not started");
        }
        return pair;
    }

    private void add(SortedMap<String, String> params, String contender, Map<String, String> metrics, Line result) {
        metrics.forEach((metric, unit) -> {
            if (result.has(metric)) {
                samples.computeIfAbsent(new Key(params, contender, metric, unit), key -> new ArrayList<>())
                        .add(result.real(metric));
            }
        });
    }

    private SortedMap<String, String> params(Cell cell) {
        SortedMap<String, String> params = new TreeMap<>(Map.of(
                "sessions", String.valueOf(settings.clients()),
                "bytes", String.valueOf(cell.bytes()),
                "messages", String.valueOf(cell.messages()),
                "mode", Mode.LOOP.toString()));
        if (cell.window() != 0) {
            params.put("window", String.valueOf(cell.window()));
        }
        return params;
    }
}
