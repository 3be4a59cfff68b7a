/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Where the load threads wait during a lull. */
final class SoakGate {
    private static final long NANOS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(1);

    private final SoakTally tally;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean shut;

    SoakGate(SoakTally tally) {
        this.tally = tally;
    }

    void shut() {
        shut = true;
    }

    void open() {
        shut = false;
    }

    /** How many threads wait here. */
    int waiting() {
        return waiting.get();
    }

    /** Waits while the gate is shut and the run lasts. */
    void pass() {
        if (shut) {
            waiting.incrementAndGet();
            while (shut && tally.isRunning()) {
                LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
            }
            waiting.decrementAndGet();
        }
    }
}
