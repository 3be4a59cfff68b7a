/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.net.Command;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Pair;
import io.sendbuffer.benchmarks.net.Turns;
import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Samples;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * From publish to receipt, at rates that every contender sustains: the slowest peer's sustained rate sets them. One
 * message of 64 bytes a tick.
 */
public final class Latency {
    static final int MESSAGE_BYTES = 64;

    static final Map<String, Double> PERCENTILES = new LinkedHashMap<>();

    static {
        PERCENTILES.put("p50", 50.0);
        PERCENTILES.put("p90", 90.0);
        PERCENTILES.put("p99", 99.0);
        PERCENTILES.put("p99.9", 99.9);
        PERCENTILES.put("p99.99", 99.99);
    }

    private static final Set<String> OPTIONS = new LinkedHashSet<>(List.of(
            "--sessions",
            "--contenders",
            "--modes",
            "--percents",
            "--rate",
            "--rounds",
            "--turns",
            "--start-ms",
            "--warmup-ms",
            "--measure-ms",
            "--out"));
    private static final Set<String> SWITCHES = new LinkedHashSet<>(List.of("--quick", "--medium", "--full"));

    /** In addition to the requested duration of a run. */
    private static final int EXTRA_SECONDS = 60;

    private static final int RATE_MEASUREMENTS = 3;

    private final LatencySettings settings;
    private final PrintStream progress;
    private final LatencyMeasurements measurements;
    private final Set<Entrant> missing = new LinkedHashSet<>();

    private Latency(LatencySettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
        this.measurements = new LatencyMeasurements(settings.sessions());
    }

    /** The command; ends the process if an option is wrong, or a run failed. */
    public static void main(String[] args) throws InterruptedException {
        Command.main(args, OPTIONS, SWITCHES, options -> {
            List<Result> results = run(LatencySettings.parse(options), System.out);
            LatencyTable.print(results, System.out);
            return results;
        });
    }

    /**
     * Measures.
     *
     * @param progress gets a line for each measured run
     * @throws IOException if messages were lost, a buffer did not come back, or a process failed or took too long
     */
    public static List<Result> run(LatencySettings settings, PrintStream progress)
            throws IOException, InterruptedException {
        Latency run = new Latency(settings, progress);
        double full = settings.ticksPerSecond() > 0 ? settings.ticksPerSecond() : run.slowestPeersRate();
        for (int round = 1; round <= settings.rounds(); round++) {
            run.round(round, full);
        }
        return run.measurements.results();
    }

    /**
     * The slowest sustained rate of the peers or, without peers, of all contenders in the run. The median of several
     * measurements, after one that compiles: a rate reached once by luck is not sustained.
     */
    private double slowestPeersRate() throws IOException, InterruptedException {
        double slowest = Double.MAX_VALUE;
        boolean anyPeer = settings.entrants().stream().anyMatch(Entrant::isPeer);
        for (Entrant entrant : settings.entrants()) {
            if (anyPeer && !entrant.isPeer()) {
                continue;
            }
            try (Pair pair = start(entrant)) {
                saturate(pair);
                List<Double> rates = new ArrayList<>();
                for (int i = 0; i < RATE_MEASUREMENTS; i++) {
                    rates.add(saturate(pair).real("ticksPerSecond"));
                }
                double rate = Samples.median(rates);
                progress.printf("%s sustains %,.0f ticks/s%n", entrant, rate);
                slowest = Math.min(slowest, rate);
            } catch (UnsupportedOperationException e) {
                skip(entrant, e);
            }
        }
        if (slowest == Double.MAX_VALUE) {
            throw new IOException("no contender sustains a rate; give one with --rate");
        }
        return slowest;
    }

    private Pair start(Entrant entrant) throws IOException, InterruptedException {
        return Pair.start(entrant.contender(), entrant.mode(), settings.sessions(), 1, RecordingReader.class);
    }

    /** Runs at full speed; compiles the code to be measured, and returns the rate. */
    private Line saturate(Pair pair) throws IOException, InterruptedException {
        Line order = Line.of("cell")
                .with("bytes", MESSAGE_BYTES)
                .with("messages", 1)
                .with("warmupMs", settings.startMillis())
                .with("maxWarmupMs", 4L * settings.startMillis())
                .with("measureMs", settings.startMillis() / 2 + 1);
        return pair.server().ask(order, "result", 5L * settings.startMillis() / 1000 + EXTRA_SECONDS);
    }

    private void round(int round, double fullRate) throws IOException, InterruptedException {
        Map<Entrant, Pair> pairs = new LinkedHashMap<>();
        try {
            for (Entrant entrant : settings.entrants()) {
                startWarm(entrant, pairs);
            }
            for (int percent : settings.percents()) {
                for (int turn = 1; turn <= settings.turns(); turn++) {
                    turn(round, turn, percent, fullRate * percent / 100, pairs);
                }
            }
            for (Pair pair : pairs.values()) {
                pair.end();
            }
        } finally {
            pairs.values().forEach(Pair::close);
        }
    }

    private void startWarm(Entrant entrant, Map<Entrant, Pair> pairs) throws IOException, InterruptedException {
        if (missing.contains(entrant)) {
            return;
        }
        try {
            Pair pair = start(entrant);
            pairs.put(entrant, pair);
            saturate(pair);
        } catch (UnsupportedOperationException e) {
            Pair failed = pairs.remove(entrant);
            if (failed != null) {
                failed.close();
            }
            skip(entrant, e);
        }
    }

    private void turn(int round, int turn, int percent, double rate, Map<Entrant, Pair> pairs)
            throws IOException, InterruptedException {
        for (Entrant entrant : Turns.order(List.copyOf(pairs.keySet()), (round - 1) * settings.turns() + turn)) {
            Line latencies = pace(Objects.requireNonNull(pairs.get(entrant)), entrant, rate);
            measurements.add(entrant, percent, rate, latencies);
            if (turn == settings.turns()) {
                progress.printf(
                        "round %d/%d %s %d%%, %,.0f ticks/s: p50 %,.1f µs, p99.9 %,.1f µs in the last turn%n",
                        round,
                        settings.rounds(),
                        entrant,
                        percent,
                        rate,
                        latencies.real("p50") / 1e3,
                        latencies.real("p99.9") / 1e3);
            }
        }
    }

    private Line pace(Pair pair, Entrant entrant, double rate) throws IOException, InterruptedException {
        Line order = Line.of("pace")
                .with("bytes", MESSAGE_BYTES)
                .with("rate", rate)
                .with("warmupMs", settings.warmupMillis())
                .with("measureMs", settings.measureMillis())
                .with("spin", entrant.spins());
        long seconds = ((long) settings.warmupMillis() + settings.measureMillis()) / 1000 + EXTRA_SECONDS;
        Line paced = pair.server().ask(order, "paced", seconds);
        Line latencies = pair.reader().ask(Line.of("report"), "latencies", EXTRA_SECONDS);
        long expected = paced.longNumber("ticks") * settings.sessions();
        if (latencies.longNumber("count") != expected) {
            throw new IOException(
                    entrant + ": " + latencies.text("count") + " messages were recorded, not " + expected);
        }
        return latencies;
    }

    private void skip(Entrant entrant, UnsupportedOperationException why) {
        if (missing.add(entrant)) {
            progress.println("skipped: " + entrant + ", " + why.getMessage());
        }
    }
}
