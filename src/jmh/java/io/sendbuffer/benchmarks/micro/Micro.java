/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.benchmarks.PeerFlags;
import io.sendbuffer.benchmarks.micro.MicroSettings.Selection;
import io.sendbuffer.benchmarks.result.Result;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs microbenchmarks in rounds. JMH runs all forks of one cell in sequence, so that a machine that slows down
 * meanwhile would favor the first cells; here each round runs all of them once, every second round in reverse.
 */
public final class Micro {
    /**
     * Committed from the start: where a hypervisor backs the memory, the first touch of a page costs microseconds,
     * which contenders that allocate would pay. With direct memory for 10,000 sessions.
     */
    private static final List<String> HEAP =
            List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=4g");

    private final MicroSettings settings;
    private final List<Selection> selections;
    private final PrintStream log;
    private final MicroSamples samples = new MicroSamples();

    private Micro(MicroSettings settings, PrintStream log) {
        this.settings = settings;
        this.selections = present(settings);
        this.log = log;
    }

    /**
     * Runs them.
     *
     * @throws IllegalStateException if a selection matches nothing
     */
    public static List<Result> run(MicroSettings settings, PrintStream log) throws RunnerException {
        return new Micro(settings, log).run();
    }

    /**
     * Estimates how long they take.
     *
     * @throws IllegalStateException if a selection matches nothing
     */
    public static Duration estimate(MicroSettings settings) {
        return settings.timeOf(
                present(settings).stream().mapToInt(Micro::countCells).sum());
    }

    private static List<Selection> present(MicroSettings settings) {
        List<Selection> present = new ArrayList<>();
        for (Selection selection : settings.selections()) {
            if (!find(selection).isEmpty()) {
                present.add(selection);
            } else if (!settings.skipMissing()) {
                throw new IllegalStateException("no microbenchmark matches " + selection.name());
            }
        }
        return present;
    }

    private static Collection<BenchmarkListEntry> find(Selection selection) {
        return BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        List.of(selection.include()),
                        List.of());
    }

    private static int countCells(Selection selection) {
        int cells = 0;
        for (BenchmarkListEntry benchmark : find(selection)) {
            int product = 1;
            if (benchmark.getParams().hasValue()) {
                for (var declared : benchmark.getParams().get().entrySet()) {
                    List<String> chosen = selection.params().get(declared.getKey());
                    product *= chosen == null ? declared.getValue().length : chosen.size();
                }
            }
            cells += product;
        }
        return cells;
    }

    private List<Result> run() throws RunnerException {
        for (int round = 0; round < settings.rounds(); round++) {
            for (Selection selection : selections) {
                log.printf("      round %d of %d: %s%n", round + 1, settings.rounds(), selection.name());
                Collection<RunResult> cells = runOnce(selection, round % 2 == 1);
                cells.forEach(samples::add);
            }
        }
        return samples.results();
    }

    private Collection<RunResult> runOnce(Selection selection, boolean backwards) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(selection.include())
                .forks(1)
                .warmupForks(0)
                .warmupIterations(settings.warmups())
                .warmupTime(TimeValue.milliseconds(settings.iteration().toMillis()))
                .measurementIterations(settings.measurements())
                .measurementTime(TimeValue.milliseconds(settings.iteration().toMillis()))
                .timeUnit(TimeUnit.NANOSECONDS)
                .jvmArgsPrepend(
                        Stream.of(HEAP, PeerFlags.ofJvm()).flatMap(List::stream).toArray(String[]::new))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        selection.params().forEach((name, values) -> options.param(name, ordered(values, backwards)));
        return new Runner(options.build()).run();
    }

    /** JMH runs the values of a parameter in the order in which they are given. */
    private static String[] ordered(List<String> values, boolean backwards) {
        List<String> ordered = new ArrayList<>(values);
        if (backwards) {
            Collections.reverse(ordered);
        }
        return ordered.toArray(new String[0]);
    }
}
