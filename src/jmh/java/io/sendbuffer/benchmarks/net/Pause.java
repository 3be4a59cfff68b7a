/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for room in the window, and measures the cost of the wait: the reader causes it, not the contender, so the CPU
 * time and the context switches of the wait are measured and excluded. The ticks themselves are not disturbed.
 */
public final class Pause {
    private static final long PARK_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private final CpuProbe probe = new CpuProbe();

    // Written by the one thread that publishes, read when its phase is over.
    private volatile long cpuNanos;
    private volatile long parks;
    private volatile long askingNanos;

    /** Waits until there is room or the time is up. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void untilRoom(Window window, long end) {
        if (parks == 0) {
            probe.calibrate();
        }
        long before = probe.nanos();
        long count = 0;
        do {
            LockSupport.parkNanos(PARK_NANOS);
            count++;
        } while (!window.hasRoom() && System.nanoTime() - end < 0);
        parks += count;
        cpuNanos += probe.nanos() - before;
        askingNanos += probe.costNanos();
    }

    long cpuNanos() {
        return cpuNanos;
    }

    /** What measuring the waits has cost beside them; it counts as the contender's, which matters to few messages. */
    long askingNanos() {
        return askingNanos;
    }

    /** Each is one voluntary context switch. */
    long parks() {
        return parks;
    }
}
