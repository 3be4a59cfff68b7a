/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which microbenchmarks run, and for how long.
 *
 * @param selections the selected ones
 * @param rounds how often each cell is measured, in a JVM of its own each time
 * @param warmups iterations before those that count
 * @param measurements iterations that count; their mean is one sample
 * @param iteration how long each takes
 * @param skipMissing whether a selection that matches nothing is skipped; otherwise it is an error
 */
public record MicroSettings(
        List<Selection> selections,
        int rounds,
        int warmups,
        int measurements,
        Duration iteration,
        boolean skipMissing) {

    /** Includes the start and the end of a JVM, measured roughly. */
    private static final Duration JVM = Duration.ofMillis(1200);

    private static final int MIN_JDK_WITH_VIRTUAL_THREADS = 21;

    private static final String[] POOLS = {"sendbuffer", "netty-adaptive", "netty-pooled", "jetty"};

    public MicroSettings {
        selections = List.copyOf(selections);
    }

    /** What the table of goals needs: 18 cells, 4 minutes. */
    public static MicroSettings shortSet() {
        List<Selection> selections = List.of(
                Selection.of("LifeBenchmark.oneThread").with("contender", POOLS).with("length", "64"),
                Selection.of("HandOffBenchmark.releasedByAnother")
                        .with("contender", POOLS)
                        .with("length", "64"),
                Selection.of("AliveBenchmark.replace")
                        .with("contender", POOLS)
                        .with("alive", "8192")
                        .with("order", "random"),
                Selection.of("ParkingBenchmark.broadcast").with("policy", "hold", "skip", "keyed"));
        return new MicroSettings(selections, 4, 4, 3, Duration.ofMillis(300), false);
    }

    /** All of them, with all the parameters that they declare, once and briefly. */
    public static MicroSettings medium() {
        return new MicroSettings(allThereAre(), 1, 3, 3, Duration.ofMillis(200), false);
    }

    /** All of them, with all the parameters that they declare. */
    public static MicroSettings full() {
        return new MicroSettings(allThereAre(), 3, 4, 3, Duration.ofMillis(200), false);
    }

    private static List<Selection> allThereAre() {
        List<Selection> selections = new ArrayList<>(List.of(
                Selection.of("LifeBenchmark.*"),
                Selection.of("HandOffBenchmark.*"),
                Selection.of("AliveBenchmark.*"),
                Selection.of("RetainBenchmark.*"),
                Selection.of("DrainBenchmark.*"),
                Selection.of("ParkingBenchmark.*"),
                Selection.of("ConflationBenchmark.*")));
        if (Runtime.version().feature() >= MIN_JDK_WITH_VIRTUAL_THREADS) {
            selections.add(Selection.of("VirtualLifeBenchmark.*"));
        }
        return selections;
    }

    public MicroSettings withSkipMissing(boolean skip) {
        return new MicroSettings(selections, rounds, warmups, measurements, iteration, skip);
    }

    /** The time that n cells take, each in all its rounds. */
    Duration timeOf(int cells) {
        return iteration.multipliedBy(warmups + measurements).plus(JVM).multipliedBy((long) cells * rounds);
    }

    /**
     * Some benchmarks with some of their parameters' values.
     *
     * @param name {@code Class.method}, a regular expression
     * @param params values by name; a parameter that is not named takes all the values that its benchmark declares
     */
    public record Selection(String name, Map<String, List<String>> params) {
        static Selection of(String name) {
            return new Selection(name, Map.of());
        }

        Selection with(String param, String... values) {
            Map<String, List<String>> more = new TreeMap<>(params);
            more.put(param, List.of(values));
            return new Selection(name, more);
        }

        /** The full name of the benchmark, as JMH matches it. */
        String include() {
            String here = MicroSettings.class.getPackageName();
            return "^" + here.replace(".", "\\.") + "\\." + name + "$";
        }
    }
}
