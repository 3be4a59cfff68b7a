/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether a session is read from. The thread that reads asks before each read; where it is held back, it stops, and the
 * thread that takes away the reason has reading continue.
 *
 * <pre>{@code
 * the thread that reads                      a thread that resumes, or sees the queue fall
 * 1. stopped = true                          a. takes the reason away
 * 2. is there still a reason?                b. is it stopped?
 *    no: takes back what it said in 1           yes: takes that, and has reading continue
 * }</pre>
 *
 * <p>All are volatile accesses: one of the two threads sees the other. Of both, the compare-and-set in 2 and b has one
 * winner, which continues.
 */
abstract class SessionReading extends SessionLife {
    private static final VarHandle STOPPED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "stopped", VarHandle.class, SessionReading.class, boolean.class);

    /** Asked for by the user. */
    private volatile boolean paused;

    @SuppressWarnings("unused")
    private boolean stopped;

    /** True if there is a reason not to read: the user's, or a queue that is not writable. */
    abstract boolean isHeldBack();

    /** Has another thread, or a later turn of the loop, read on. Once for each time that reading stopped. */
    abstract void continueReading();

    final boolean isPausedVolatile() {
        return paused;
    }

    final void setPausedVolatile(boolean value) {
        paused = value;
    }

    /** Before a read, by the thread that reads. False: it stops, and {@link #continueReading} will be called. */
    final boolean mayRead() {
        return !isHeldBack() || !stopsReading();
    }

    /** There was a reason not to read. False: it is gone, and the thread that reads continues. */
    final boolean stopsReading() {
        STOPPED.setVolatile(this, true);
        return isHeldBack() || !casNotStopped();
    }

    /** A reason not to read may be gone. Any thread. */
    final void readOn() {
        if ((boolean) STOPPED.getVolatile(this) && !isHeldBack() && casNotStopped()) {
            continueReading();
        }
    }

    private boolean casNotStopped() {
        return STOPPED.compareAndSet(this, true, false);
    }
}
