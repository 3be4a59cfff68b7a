/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/** The CPU time of the thread that asks, and what asking adds to what lies between two answers. */
public final class CpuProbe {
    private static final int PAIRS = 2001;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long costNanos;

    public long nanos() {
        return threads.getCurrentThreadCpuTime();
    }

    /** Measures the cost, on the thread that is going to ask. */
    public void calibrate() {
        long[] costs = new long[PAIRS];
        for (int i = 0; i < PAIRS; i++) {
            long before = nanos();
            costs[i] = nanos() - before;
        }
        Arrays.sort(costs);
        costNanos = costs[PAIRS / 2];
    }

    public long costNanos() {
        return costNanos;
    }
}
