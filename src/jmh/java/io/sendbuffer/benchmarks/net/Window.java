/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How much may be in flight: little enough that the kernel's buffers do not fill, and a sender never meets a full
 * socket unless a single tick fills it; enough that the sender need not wait for the reader.
 */
public final class Window {
    private static final long BYTES_PER_SESSION = 32 << 10;
    private static final long MAX_BYTES = 16 << 20;

    /** Small messages take more of a socket's buffer than their bytes. */
    private static final long MAX_TICKS = 64;

    private static final long MIN_TICKS = 2;

    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long MAX_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final SharedCounters counters;
    private final long tickBytes;
    private final long maxBytes;

    /** Written by the one thread that publishes. */
    private long sent;

    /** Creates a window while nothing is in flight. */
    public Window(SharedCounters counters, Shape shape) {
        this(shape.totalTickBytes(), maxBytes(shape), counters);
    }

    /** Creates a window of a number of ticks, while nothing is in flight. */
    public Window(SharedCounters counters, Shape shape, long maxTicks) {
        this(shape.totalTickBytes(), maxTicks * shape.totalTickBytes(), counters);
    }

    private Window(long tickBytes, long maxBytes, SharedCounters counters) {
        this.counters = counters;
        this.tickBytes = tickBytes;
        this.maxBytes = maxBytes;
        this.sent = counters.received();
    }

    private static long maxBytes(Shape shape) {
        long tickBytes = shape.totalTickBytes();
        long perSession = Math.min(BYTES_PER_SESSION * shape.sessions(), MAX_BYTES);
        return Math.max(MIN_TICKS * tickBytes, Math.min(perSession, MAX_TICKS * tickBytes));
    }

    public boolean hasRoom() {
        return sent + tickBytes - counters.received() <= maxBytes;
    }

    public void countTick() {
        sent += tickBytes;
    }

    /**
     * Waits until all that was sent has been received; for use after a phase.
     *
     * @throws IllegalStateException if bytes were lost, or came twice
     */
    public void drain() {
        long end = System.nanoTime() + MAX_DRAIN_NANOS;
        while (inFlight() > 0) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException(inFlight() + " bytes were lost");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        if (inFlight() < 0) {
            throw new IllegalStateException(-inFlight() + " bytes too many were received");
        }
    }

    private long inFlight() {
        return sent - counters.received();
    }
}
