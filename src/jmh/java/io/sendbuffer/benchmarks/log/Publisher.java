/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.CpuProbe;
import io.sendbuffer.benchmarks.net.Window;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishes for the time of a run, paced or as fast as the readers read, and measures the CPU time that its ticks take
 * of their thread. The pauses between them, which the schedule and the readers cause, are not measured.
 */
final class Publisher {
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private final Host host;
    private final Window window;
    private final Run run;
    private final byte[] body;
    private final double intervalNanos;
    private final CpuProbe probe = new CpuProbe();

    // Written by the thread that publishes, read by the one that waits for it.
    private long ticks;
    private long cpuNanos;

    Publisher(Host host, Window window, Run run, int bytes) {
        this.host = host;
        this.window = window;
        this.run = run;
        this.body = new byte[bytes - Long.BYTES];
        this.intervalNanos = run.rate() == 0 ? 0 : (double) TimeUnit.SECONDS.toNanos(1) / run.rate();
    }

    void publish() {
        probe.calibrate();
        long start = System.nanoTime();
        long end = start + TimeUnit.MILLISECONDS.toNanos(run.millis());
        for (long now = start; now - end < 0; now = System.nanoTime()) {
            long early = start + (long) (ticks * intervalNanos) - now;
            if (!window.hasRoom()) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } else if (early > 0) {
                LockSupport.parkNanos(early);
            } else {
                window.countTick();
                cpuNanos += host.tick(now, body, run.part(), probe);
                ticks++;
            }
        }
    }

    long ticks() {
        return ticks;
    }

    /** Of the run's part of a tick, on average. */
    double cpuNanosOfATick() {
        return (double) cpuNanos / ticks - probe.costNanos();
    }
}
