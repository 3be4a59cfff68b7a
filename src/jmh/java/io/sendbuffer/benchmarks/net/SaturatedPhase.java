/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.concurrent.TimeUnit;

/** Ticks as fast as they can be sent, but never more in flight than the window allows. */
final class SaturatedPhase implements Phase {
    /** For an event loop: after waiting this long it serves its channels. */
    private static final long MAX_WAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final Contender contender;
    private final Window window;
    private final Pause pause;
    private final long maxTicks;
    private final long end;
    private long ticks;

    SaturatedPhase(Contender contender, Window window, Pause pause, long maxTicks, long nanos) {
        this.contender = contender;
        this.window = window;
        this.pause = pause;
        this.maxTicks = maxTicks;
        this.end = System.nanoTime() + nanos;
    }

    @Override
    public Step step() throws Exception {
        long now = System.nanoTime();
        if (ticks == maxTicks || now - end >= 0) {
            return Step.DONE;
        }
        if (!window.hasRoom()) {
            pause.untilRoom(window, contender.publishesAlone() ? end : now + MAX_WAIT_NANOS);
            return Step.WAITED;
        }
        window.countTick();
        contender.tick(ticks++);
        return Step.TICKED;
    }

    /** The number of ticks sent; call it once the phase is done. */
    long ticks() {
        return ticks;
    }
}
