/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Pair;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/** Counts the system calls of a number of ticks, in a round of its own: a traced process is slow. */
final class TracedCell implements CellRun {
    private static final int SECONDS = 120;

    /** Enough sends to outweigh the JVM's own system calls. */
    private static final int SENDS = 20_000;

    private static final int MAX_TICKS = 500;

    /** Whether strace is installed; prints the reason if not. */
    static boolean isPossible(PrintStream progress) {
        if (Strace.isInstalled()) {
            return true;
        }
        progress.println("skipped: system calls, since strace is not installed");
        return false;
    }

    @Override
    public int turns() {
        return 1;
    }

    @Override
    public String run(Pair pair, Cell cell, String contender, boolean first, Measurements measurements)
            throws IOException, InterruptedException {
        ask(pair, cell, 20); // one-time loading and allocation is not counted
        int ticks = Math.max(1, Math.min(MAX_TICKS, SENDS / cell.sessions()));
        long calls;
        try (Strace strace = Strace.attach(pair.servingPid())) {
            ask(pair, cell, ticks);
            calls = strace.detach();
        } catch (Strace.NotPermitted e) {
            return "strace: " + e.getMessage();
        }
        double each = (double) calls / ticks / cell.messages() / cell.sessions();
        measurements.add(cell, contender, "systemCalls", "1/message/session", each);
        return String.format(Locale.ROOT, "%.4f system calls", each);
    }

    private static void ask(Pair pair, Cell cell, int ticks) throws IOException, InterruptedException {
        Line order = Line.of("ticks")
                .with("bytes", cell.bytes())
                .with("messages", cell.messages())
                .with("count", ticks);
        pair.server().ask(order, "done", SECONDS);
    }
}
