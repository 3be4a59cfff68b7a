/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Machine;
import io.sendbuffer.benchmarks.result.Report;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs suites one after the other, and writes the results so far after each: a late failure does not lose the early
 * ones.
 */
public final class BenchmarkRun {
    private final String name;
    private final SetOfRuns set;
    private final Path directory;
    private final PrintStream log;
    private final Instant began = Instant.now();
    private final List<Result> results = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    private BenchmarkRun(String name, SetOfRuns set, Path directory, PrintStream log) {
        this.set = set;
        this.name = name;
        this.directory = directory;
        this.log = log;
    }

    /**
     * Runs what the command line asks for.
     *
     * @return whether all suites ran to their end
     */
    public static boolean run(RunOptions options, PrintStream log) throws Exception {
        List<Suite> suites = Suites.all(options.skipMissing()).stream()
                .filter(suite ->
                        options.suite().isEmpty() || options.suite().get().equals(suite.name()))
                .toList();
        String name = options.set()
                + options.suite().map(suite -> ", " + suite + " alone").orElse("");
        return new BenchmarkRun(name, options.set(), options.directory(), log).run(suites);
    }

    private boolean run(List<Suite> suites) throws IOException {
        List<Duration> estimates = estimate(suites);
        if (!failures.isEmpty()) {
            return notifyEnd();
        }
        for (int i = 0; i < suites.size(); i++) {
            Duration left = estimates.subList(i, suites.size()).stream().reduce(Duration.ZERO, Duration::plus);
            String name = suites.get(i).name();
            log.printf(
                    "[%d/%d] %s: %s since the start, about %s to go%n",
                    i + 1, suites.size(), name, format(sinceStart()), format(left));
            runOne(suites.get(i));
        }
        return notifyEnd();
    }

    /**
     * The estimate of each suite. A suite that cannot give one could not run either, and it is better to know that at
     * once.
     */
    private List<Duration> estimate(List<Suite> suites) {
        List<Duration> estimates = new ArrayList<>();
        for (Suite suite : suites) {
            try {
                estimates.add(suite.estimate().of(set));
            } catch (Exception e) {
                failures.add(suite.name() + ": " + e.getMessage());
            }
        }
        return estimates;
    }

    private boolean notifyEnd() throws IOException {
        if (!results.isEmpty()) {
            log.println("done in " + format(sinceStart()));
            new ReportFiles(directory).print(log);
        }
        failures.forEach(failure -> log.println("FAILED " + failure));
        return failures.isEmpty();
    }

    private void runOne(Suite suite) throws IOException {
        Instant start = Instant.now();
        try {
            results.addAll(suite.work().run(set, log));
            log.println("      " + suite.name() + " took " + format(Duration.between(start, Instant.now())));
        } catch (Exception e) {
            failures.add(suite.name() + ": " + e);
            e.printStackTrace(log);
        }
        new ReportFiles(directory).write(new Report(Machine.ofRun(name, began, sinceStart()), results));
    }

    private Duration sinceStart() {
        return Duration.between(began, Instant.now());
    }

    private static String format(Duration time) {
        return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }
}
