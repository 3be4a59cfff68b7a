/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.pubsub;

import io.sendbuffer.benchmarks.fanout.Cell;
import io.sendbuffer.benchmarks.fanout.FanOut;
import io.sendbuffer.benchmarks.fanout.FanOutSettings;
import io.sendbuffer.benchmarks.fanout.FanOutTable;
import io.sendbuffer.benchmarks.log.LogGoals;
import io.sendbuffer.benchmarks.log.LogTable;
import io.sendbuffer.benchmarks.log.StalledGroupJob;
import io.sendbuffer.benchmarks.log.StalledGroupSettings;
import io.sendbuffer.benchmarks.net.Command;
import io.sendbuffer.benchmarks.net.Mode;
import io.sendbuffer.benchmarks.net.Options;
import io.sendbuffer.benchmarks.net.Resp;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The command: the CPU time of a delivery, with a pipeline and without, and what subscribers that stall cost. */
public final class PubSubBenchmarks {
    private static final List<String> JOBS = List.of("--cpu", "--stalled");
    private static final Set<String> OPTIONS = new LinkedHashSet<>(List.of(
            "--readers",
            "--bytes",
            "--turns",
            "--warmup-ms",
            "--measure-ms",
            "--seconds",
            "--slices",
            "--kernel-kib",
            "--out"));
    private static final Set<String> SWITCHES = new LinkedHashSet<>(List.of("--cpu", "--stalled", "--quick"));

    static final int PIPELINE = 32;

    private PubSubBenchmarks() {}

    /** Ends the process if an option is wrong, or something was lost. */
    public static void main(String[] args) throws InterruptedException {
        Command.main(args, OPTIONS, SWITCHES, options -> run(options, System.out));
    }

    private static List<Result> run(Options options, PrintStream out)
            throws Options.Wrong, IOException, InterruptedException {
        FanOutSettings cpu = cpu(options);
        StalledGroupSettings stalled = stalled(options);
        boolean all = JOBS.stream().noneMatch(options::has);
        List<Result> results = new ArrayList<>();
        if (all || options.has("--cpu")) {
            List<Result> deliveries = FanOut.run(cpu, out);
            FanOutTable.print(deliveries, out);
            PubSubGoals.print(deliveries, out);
            results.addAll(deliveries);
        }
        if (all || options.has("--stalled")) {
            List<Result> slices = StalledGroupJob.run(stalled, out);
            LogTable.print(slices, out);
            LogGoals.print(slices, out);
            results.addAll(slices);
        }
        return results;
    }

    private static List<String> contenders() throws InterruptedException {
        return Resp.isInstalled(Resp.REDIS) ? List.of(Resp.SAMPLE, Resp.REDIS) : List.of(Resp.SAMPLE);
    }

    /** A pipeline at a time, and as many as the window has room for; one message at a time, and likewise. */
    private static FanOutSettings cpu(Options options) throws Options.Wrong, InterruptedException {
        boolean quick = options.has("--quick");
        int readers = options.number("--readers", 100, 1, 12_000);
        int bytes = options.number("--bytes", 64, Long.BYTES, 64 << 10);
        List<Cell> cells = new ArrayList<>();
        for (int messages : List.of(PIPELINE, 1)) {
            for (int window : List.of(0, 1)) {
                cells.add(new Cell(readers, bytes, messages, Mode.LOOP, 1, window, contenders()));
            }
        }
        return new FanOutSettings(
                cells,
                1,
                options.number("--turns", quick ? 1 : 12, 1, 1000),
                options.number("--warmup-ms", quick ? 300 : 8000, 1, 600_000), // for the compiler, whose time counts
                options.number("--measure-ms", quick ? 100 : 300, 1, 600_000),
                false);
    }

    /**
     * Both servers have their limits for subscribers as they are: one that stalls is ended with 32 MB behind, which at
     * some 4 MB a second it is after seven seconds, and with 8 MB for a minute. Others come in its place before each
     * slice, so a second is short enough for them to stay. Without limits they would stay too, but Redis, which has a
     * copy for each of them, would need gigabytes, and more with each second.
     */
    private static StalledGroupSettings stalled(Options options) throws Options.Wrong, InterruptedException {
        boolean quick = options.has("--quick");
        return new StalledGroupSettings(
                contenders(),
                options.number("--readers", 100, 1, 12_000),
                options.number("--bytes", 64, Long.BYTES, 64 << 10),
                options.number("--kernel-kib", 16, 4, 16 << 10) << 10,
                options.number("--seconds", quick ? 1 : 12, 1, 3600),
                options.number("--slices", quick ? 3 : 12, 1, 1000),
                quick ? 200 : 4000);
    }
}
