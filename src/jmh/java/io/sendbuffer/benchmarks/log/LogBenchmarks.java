/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Command;
import io.sendbuffer.benchmarks.net.Options;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The command: those of the jobs that its options name, or all. */
public final class LogBenchmarks {
    private static final Set<String> OPTIONS = new LinkedHashSet<>(List.of(
            "--sessions",
            "--rate",
            "--bytes",
            "--turns",
            "--warmup-ms",
            "--measure-ms",
            "--readers",
            "--kernel-kib",
            "--retention-kib",
            "--seconds",
            "--slices",
            "--contenders",
            "--subscribers",
            "--idle",
            "--joins",
            "--churn-seconds",
            "--out"));
    private static final List<String> JOBS = List.of("--publisher", "--stalled", "--stalled-group", "--churn");
    private static final Set<String> SWITCHES =
            new LinkedHashSet<>(List.of("--publisher", "--stalled", "--stalled-group", "--churn", "--quick"));

    private LogBenchmarks() {}

    /** Ends the process if an option is wrong, or something was lost. */
    public static void main(String[] args) throws InterruptedException {
        Command.main(args, OPTIONS, SWITCHES, options -> {
            List<Result> results = run(options, System.out);
            LogTable.print(results, System.out);
            LogGoals.print(results, System.out);
            return results;
        });
    }

    private static List<Result> run(Options options, PrintStream progress)
            throws Options.Wrong, IOException, InterruptedException {
        PublisherSettings publisher = PublisherSettings.parse(options);
        StalledSettings stalled = StalledSettings.parse(options);
        StalledGroupSettings stalledGroup = StalledGroupSettings.parse(options);
        ChurnSettings churn = ChurnSettings.parse(options);
        boolean all = JOBS.stream().noneMatch(options::has);
        List<Result> results = new ArrayList<>();
        if (all || options.has("--publisher")) {
            results.addAll(PublisherJob.run(publisher, progress));
        }
        if (all || options.has("--stalled")) {
            results.addAll(StalledJob.run(stalled, progress));
        }
        if (all || options.has("--stalled-group")) {
            results.addAll(StalledGroupJob.run(stalledGroup, progress));
        }
        if (all || options.has("--churn")) {
            results.addAll(ChurnJob.run(churn, progress));
        }
        return results;
    }
}
