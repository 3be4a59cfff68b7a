/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.tls;

import io.sendbuffer.benchmarks.fanout.FanOutTable;
import io.sendbuffer.benchmarks.net.Command;
import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.net.Options;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The command: the CPU time of a delivery over TLS, and the memory of a client. */
public final class TlsBenchmarks {
    private static final Set<String> OPTIONS = new LinkedHashSet<>(List.of(
            "--clients",
            "--bytes",
            "--messages",
            "--windows",
            "--contenders",
            "--turns",
            "--warmup-ms",
            "--measure-ms",
            "--out"));
    private static final Set<String> SWITCHES = Set.of("--quick");
    private static final int MAX_WINDOW = 1 << 16;

    private TlsBenchmarks() {}

    /** Ends the process if an option is wrong, or something was lost. */
    public static void main(String[] args) throws InterruptedException {
        Command.main(args, OPTIONS, SWITCHES, options -> run(options, System.out));
    }

    private static List<Result> run(Options options, PrintStream out)
            throws Options.Wrong, IOException, InterruptedException {
        boolean quick = options.has("--quick");
        TlsRun.Settings settings = new TlsRun.Settings(
                options.number("--clients", quick ? 50 : 1000, 1, 10_000),
                contenders(options),
                cells(options),
                options.number("--turns", quick ? 1 : 6, 1, 1000),
                options.number("--warmup-ms", quick ? 200 : 2000, 1, 600_000),
                options.number("--measure-ms", quick ? 100 : 300, 1, 600_000));
        List<Result> results = TlsRun.run(settings, out);
        FanOutTable.print(results, out);
        TlsGoals.print(results, out);
        return results;
    }

    private static List<String> contenders(Options options) throws Options.Wrong {
        List<String> names = options.list("--contenders", Contenders.TLS);
        for (String name : names) {
            if (!Contenders.TLS.contains(name)) {
                throw new Options.Wrong("no contender " + name + "; there are " + String.join(",", Contenders.TLS));
            }
        }
        return names;
    }

    /** A window of 0 is many ticks in flight. */
    private static List<TlsRun.Cell> cells(Options options) throws Options.Wrong {
        boolean quick = options.has("--quick");
        List<TlsRun.Cell> cells = new ArrayList<>();
        for (int bytes : options.numbers("--bytes", quick ? List.of(64) : List.of(64, 1024), Long.BYTES, 64 << 10)) {
            for (int messages : options.numbers("--messages", List.of(32, 1), 1, 4096)) {
                for (int window : options.numbers("--windows", List.of(0, 1), 0, MAX_WINDOW)) {
                    cells.add(new TlsRun.Cell(bytes, messages, window));
                }
            }
        }
        return cells;
    }
}
