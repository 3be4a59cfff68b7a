/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that keeps the time: it looks at all that has a clock, at least every so often, and sooner where it is asked
 * to. It also hands over tasks that are to run after a while. It never calls the user's code, and needs no memory to
 * continue: whatever a look throws, the next one comes.
 */
final class SessionClock {
    private static final long NONE = 0;

    /** So clocks that end one after the other do not cost a look each. */
    private static final long MIN_NANOS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Looks looks;
    private final Delivery delivery;
    private final DeferredErrors errors;
    private final long maxNanosBetweenLooks;
    private final Thread thread;

    // Guarded by this.
    private long wantedNanos = NONE;
    private Delivery.@Nullable Task paused;
    private boolean closed;
    private boolean over;

    // Owned by the clock's thread.
    private long lookedNanos = System.nanoTime();

    /** What is looked at. */
    interface Looks {
        /** Looks, and returns in how many nanoseconds at the latest it has to be called again. */
        long look();

        /** True if nothing is left to look at, and a clock that is closed may end. */
        boolean isOver();
    }

    /** Starts the thread. */
    SessionClock(
            Looks looks, Delivery delivery, DeferredErrors errors, ThreadFactory factory, long maxNanosBetweenLooks) {
        this.looks = looks;
        this.delivery = delivery;
        this.errors = errors;
        this.maxNanosBetweenLooks = maxNanosBetweenLooks;
        this.thread = factory.newThread(this::run);
        thread.start();
    }

    /** Has a look come in time. Any thread. */
    void checkWithin(long nanos) {
        long wanted = (System.nanoTime() + nanos) | 1; // never NONE
        synchronized (this) {
            if (wantedNanos != NONE && wantedNanos - wanted <= 0) {
                return;
            }
            wantedNanos = wanted;
        }
        LockSupport.unpark(thread);
    }

    /** Has a task delivered after a while; at once if the clock is over. One that waits is not given again. */
    void deliverLater(Delivery.Task task, long nanos) {
        if (isKept(task, nanos)) {
            checkWithin(nanos);
        } else {
            delivery.deliver(task);
        }
    }

    /** One step with the look at the end: a clock that ends later has delivered what it kept. */
    private synchronized boolean isKept(Delivery.Task task, long nanos) {
        if (over) {
            return false;
        }
        task.dueNanos = System.nanoTime() + nanos;
        putBack(task);
        return true;
    }

    /** The thread ends when nothing is left to look at. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        LockSupport.unpark(thread);
    }

    private void run() {
        long nanos = maxNanosBetweenLooks;
        while (!endIfDone()) {
            try {
                long left = nanosToNextLook(nanos);
                if (left > 0) {
                    LockSupport.parkNanos(this, left);
                    Thread.interrupted(); // of no meaning here, and no park would wait with it
                } else {
                    nanos = maxNanosBetweenLooks; // if this look fails, for want of memory for instance
                    nanos = look();
                }
            } catch (Throwable e) {
                errors.reportSoon(e);
            }
        }
    }

    private synchronized boolean endIfDone() {
        over = closed && paused == null && looks.isOver();
        return over;
    }

    private synchronized long nanosToNextLook(long nanos) {
        long now = System.nanoTime();
        long left = lookedNanos + nanos - now;
        if (wantedNanos != NONE) {
            left = Math.min(left, wantedNanos - now);
        }
        return Math.max(left, lookedNanos + MIN_NANOS_BETWEEN_LOOKS - now);
    }

    private long look() {
        try {
            synchronized (this) {
                wantedNanos = NONE; // before the look: what is wanted later comes again
            }
            long nanos = Math.min(maxNanosBetweenLooks, looks.look());
            return Math.min(nanos, deliverDue());
        } finally {
            lookedNanos = System.nanoTime();
        }
    }

    /** Returns in how many nanoseconds the next task is due. */
    private long deliverDue() {
        long now = System.nanoTime();
        long next = SessionTimeouts.NEVER;
        Delivery.Task task = takePaused();
        while (task != null) {
            Delivery.Task following = task.nextPaused;
            task.nextPaused = null;
            long left = task.dueNanos - now;
            if (left <= 0) {
                delivery.deliver(task);
            } else {
                next = Math.min(next, left);
                putBack(task);
            }
            task = following;
        }
        return next;
    }

    private synchronized Delivery.@Nullable Task takePaused() {
        Delivery.Task all = paused;
        paused = null;
        return all;
    }

    private synchronized void putBack(Delivery.Task task) {
        task.nextPaused = paused;
        paused = task;
    }
}
