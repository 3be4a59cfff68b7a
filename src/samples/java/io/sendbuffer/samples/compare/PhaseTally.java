/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.PrintStream;
import org.HdrHistogram.Histogram;

/**
 * What all clients of a connection round received in each phase; prints a {@link PhaseResult} when all have received
 * the last message.
 */
final class PhaseTally {
    static final int PHASES = 3;

    private static final long MAX_NANOS = 60_000_000_000L;

    private final int clients;
    private final PrintStream out;
    private final Histogram[] latencies = new Histogram[PHASES];
    private final long[] messages = new long[PHASES];
    private final long[] errors = new long[PHASES];
    private final int[] finished = new int[PHASES];
    private int phasesDone;

    PhaseTally(int clients, PrintStream out) {
        this.clients = clients;
        this.out = out;
        for (int i = 0; i < PHASES; i++) {
            latencies[i] = new Histogram(MAX_NANOS, 3);
        }
    }

    void count(int phase, boolean good, long latencyNanos, boolean last) {
        messages[phase]++;
        if (!good) {
            errors[phase]++;
        }
        latencies[phase].recordValue(Math.min(MAX_NANOS, Math.max(0, latencyNanos)));
        if (last && ++finished[phase] == clients) {
            phasesDone++;
            out.println(result(phase).toLine());
        }
    }

    boolean isDone() {
        return phasesDone == PHASES;
    }

    private PhaseResult result(int phase) {
        return new PhaseResult(
                phase, messages[phase], errors[phase], micros(phase, 50), micros(phase, 99), micros(phase, 99.9));
    }

    private double micros(int phase, double percentile) {
        return latencies[phase].getValueAtPercentile(percentile) / 1_000.0;
    }
}
