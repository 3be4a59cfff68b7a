/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A clock that runs on an actor, and finally on the arbiter. By default it looks once in an hour. It is closed from the
 * start, so its thread returns when the test says that nothing is left to look at.
 */
final class HeldClock implements SessionClock.Looks, Delivery {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    /** Longer than the least time between two looks. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    final SessionClock clock;

    private final Runnable onLook;
    private final AtomicInteger deliveries = new AtomicInteger();
    private @Nullable Runnable thread;
    private int looks;
    private int looksToMake;
    private boolean patient;
    private boolean lastLoop;
    private long startNanos;

    /** Creates a clock that runs an action in each look. */
    HeldClock(Runnable onLook) {
        this.onLook = onLook;
        this.clock = new SessionClock(this, this, new DeferredErrors(Kinds.BLOCKING.settings, this), this::held, HOUR);
        clock.close();
    }

    private Thread held(Runnable task) {
        thread = task;
        return new HeldThread(task);
    }

    /** Runs the clock's thread until it has made this many looks, and has nothing left to deliver. */
    void run(int toMake) {
        looksToMake = toMake;
        if (thread != null) {
            thread.run();
        }
    }

    /** Like {@link #run}, but also ends if no requested look comes. True if one came. For the arbiter. */
    boolean looksOnceMore() {
        int before = looks;
        patient = true;
        startNanos = System.nanoTime();
        run(before + 1);
        Thread.interrupted(); // or the next state would be interrupted
        return looks > before;
    }

    /** How many tasks it delivered. For the arbiter. */
    int deliveries() {
        return deliveries.get();
    }

    @Override
    public long look() {
        looks++;
        onLook.run();
        return SessionTimeouts.NEVER;
    }

    /** Each round of the clock asks this first. */
    @Override
    public boolean isOver() {
        if (looks >= looksToMake || lastLoop) {
            return true;
        }
        if (patient) {
            lastLoop = System.nanoTime() - startNanos > PATIENCE_NANOS; // it looks in this round, if at all
            Thread.currentThread().interrupt(); // so it does not sleep an hour
        }
        return false;
    }

    @Override
    public void deliver(Task task) {
        deliveries.incrementAndGet();
    }
}
