/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ticks on a fixed schedule: each carries the time at which it was due, not the time at which its sender got to it, and
 * a late one is sent at once. So a stall counts for every tick that it delays, and there is no coordinated omission.
 */
final class PacedPhase implements Phase {
    /** A park may end this much too late. */
    private static final long PARK_SLACK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /** An event loop waits here at most this long, and then serves its channels. */
    private static final long MAX_SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(5);

    private final Contender contender;
    private final Window window;
    private final boolean spin;
    private final double intervalNanos;
    private final long start = System.nanoTime();
    private final long ticksInAll;
    private long ticks;

    /**
     * Creates a phase that begins now.
     *
     * @param spin whether to spin until the tick is due, with a processor of its own; otherwise it parks, as there may
     *     be only two processors, which the event loop and the reader need
     */
    PacedPhase(Contender contender, Window window, boolean spin, double ticksPerSecond, long ticksInAll) {
        this.contender = contender;
        this.window = window;
        this.spin = spin;
        this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / ticksPerSecond;
        this.ticksInAll = ticksInAll;
    }

    /** When a tick is due. */
    long due(long tick) {
        return start + (long) (tick * intervalNanos);
    }

    @Override
    public Step step() throws Exception {
        if (ticks == ticksInAll) {
            return Step.DONE;
        }
        long due = due(ticks);
        long left = due - System.nanoTime();
        if (left > 0) {
            await(left);
            return Step.WAITED;
        }
        ticks++;
        window.countTick();
        contender.tick(due);
        return Step.TICKED;
    }

    private void await(long nanos) {
        if (!spin) {
            LockSupport.parkNanos(nanos);
            return;
        }
        if (nanos > 2 * PARK_SLACK_NANOS) {
            LockSupport.parkNanos(Math.min(nanos - PARK_SLACK_NANOS, PARK_SLACK_NANOS));
            return;
        }
        long end = System.nanoTime() + Math.min(nanos, MAX_SPIN_NANOS);
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }
}
