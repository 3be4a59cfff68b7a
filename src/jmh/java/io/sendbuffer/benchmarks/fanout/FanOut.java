/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.net.Command;
import io.sendbuffer.benchmarks.net.Mode;
import io.sendbuffer.benchmarks.net.Pair;
import io.sendbuffer.benchmarks.net.Turns;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the cells, round by round, the contenders in turn, each in processes of its own. */
public final class FanOut {
    private static final Set<String> OPTIONS = new LinkedHashSet<>(List.of(
            "--sessions",
            "--bytes",
            "--messages",
            "--modes",
            "--loops",
            "--window",
            "--contenders",
            "--rounds",
            "--turns",
            "--warmup-ms",
            "--measure-ms",
            "--out"));
    private static final Set<String> SWITCHES =
            new LinkedHashSet<>(List.of("--quick", "--medium", "--full", "--strace"));

    private final FanOutSettings settings;
    private final PrintStream progress;
    private final Measurements measurements = new Measurements();
    private final Set<String> missing = new LinkedHashSet<>();

    private FanOut(FanOutSettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /** The command; ends the process if an option is wrong. */
    public static void main(String[] args) throws InterruptedException {
        Command.main(args, OPTIONS, SWITCHES, options -> {
            List<Result> results = run(FanOutSettings.parse(options), System.out);
            FanOutTable.print(results, System.out);
            return results;
        });
    }

    /**
     * Measures.
     *
     * @param progress gets a line for each measured cell
     * @throws IOException if bytes were lost, a buffer did not come back, or a process failed or took too long
     */
    public static List<Result> run(FanOutSettings settings, PrintStream progress)
            throws IOException, InterruptedException {
        FanOut run = new FanOut(settings, progress);
        for (int round = 1; round <= settings.rounds(); round++) {
            run.round(round, settings.rounds(), new MeasuredCell(settings));
        }
        if (settings.strace() && TracedCell.isPossible(progress)) {
            progress.println("system calls:");
            run.round(1, 1, new TracedCell());
        }
        return run.measurements.results();
    }

    /** The cells that share a process: connecting and warm-up cost the most time. */
    private record Setup(int sessions, Mode mode, int loops) {}

    private void round(int round, int rounds, CellRun run) throws IOException, InterruptedException {
        Map<Setup, List<Cell>> bySetup = new LinkedHashMap<>();
        for (Cell cell : settings.cells()) {
            bySetup.computeIfAbsent(new Setup(cell.sessions(), cell.mode(), cell.loops()), setup -> new ArrayList<>())
                    .add(cell);
        }
        for (Map.Entry<Setup, List<Cell>> entry : bySetup.entrySet()) {
            if (!Pair.descriptorsSuffice(entry.getKey().sessions())) {
                sayOnce("skipped: " + entry.getKey().sessions() + " sessions, which need more descriptors (ulimit -n)");
                continue;
            }
            Map<String, Pair> pairs = new LinkedHashMap<>();
            try {
                for (String contender : contendersOf(entry.getValue())) {
                    start(contender, entry.getKey(), pairs);
                }
                for (Cell cell : entry.getValue()) {
                    takeTurns(round, rounds, cell, pairs, run);
                }
                for (Pair pair : pairs.values()) {
                    pair.end();
                }
            } finally {
                pairs.values().forEach(Pair::close);
            }
        }
    }

    private void takeTurns(int round, int rounds, Cell cell, Map<String, Pair> pairs, CellRun run)
            throws IOException, InterruptedException {
        if (cell.contenders().isEmpty()) {
            sayOnce("skipped: " + cell + ", which none of the contenders has");
            return;
        }
        if (cell.isTooLarge()) {
            sayOnce("skipped: " + cell + ", more than 64 MiB a tick");
            return;
        }
        for (int turn = 1; turn <= run.turns(); turn++) {
            for (String contender : Turns.order(cell.contenders(), (round - 1) * run.turns() + turn)) {
                Pair pair = pairs.get(contender);
                String figure = pair == null ? "" : run.run(pair, cell, contender, turn == 1, measurements);
                if (pair != null && turn == run.turns()) {
                    progress.printf("round %d/%d %s %s: %s%n", round, rounds, contender, cell, figure);
                }
            }
        }
    }

    private static List<String> contendersOf(List<Cell> cells) {
        return cells.stream()
                .flatMap(cell -> cell.contenders().stream())
                .distinct()
                .toList();
    }

    private void start(String contender, Setup setup, Map<String, Pair> pairs)
            throws IOException, InterruptedException {
        if (missing.contains(contender)) {
            return;
        }
        try {
            pairs.put(
                    contender,
                    Pair.start(contender, setup.mode(), setup.sessions(), setup.loops(), DiscardingReader.class));
        } catch (UnsupportedOperationException e) {
            missing.add(contender);
            progress.println("skipped: " + contender + ", " + e.getMessage());
        }
    }

    private void sayOnce(String line) {
        if (missing.add(line)) {
            progress.println(line);
        }
    }
}
