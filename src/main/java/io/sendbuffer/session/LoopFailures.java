/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.channels.ClosedSelectorException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The duty cycles of a loop that failed in a row, and what becomes of the loop then. Owned by the loop's thread. */
final class LoopFailures {
    /** A loop whose duty cycle fails that often in a row, for about two seconds, is not going to recover. */
    static final int MAX_IN_A_ROW = 12;

    private static final long INITIAL_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final int MAX_DOUBLINGS = 9;

    private final SendLoop loop;
    private int inARow;

    LoopFailures(SendLoop loop) {
        this.loop = loop;
    }

    /** A duty cycle succeeded. */
    void reset() {
        inARow = 0;
    }

    /**
     * Lets the loop continue after a pause, or die if nothing but failures comes of it. Never throws: what fails here
     * for want of memory is tried again with the next failure, and with the next duty cycle.
     */
    void survive(Throwable failure) {
        inARow++;
        try {
            if (inARow > MAX_IN_A_ROW || failure instanceof ClosedSelectorException) {
                loop.die(failure);
                return;
            }
        } catch (Throwable e) {
            loop.report(e);
        }
        loop.report(failure);
        pauseAfter(inARow);
    }

    /** Longer after each failure: what the JVM lacks now it may have later. */
    static void pauseAfter(int failures) {
        LockSupport.parkNanos(INITIAL_PAUSE_NANOS << Math.min(failures, MAX_DOUBLINGS));
    }
}
