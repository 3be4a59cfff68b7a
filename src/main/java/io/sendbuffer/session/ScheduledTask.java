/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A task of a loop.
 *
 * <pre>{@code
 *         the loop takes it          its time has come
 * GIVEN ---------------------> WAITING ---------------> OVER, or RUNNING and WAITING again if it has a period
 * }</pre>
 *
 * <p>From each of these but OVER a cancel leads to CANCELED, and the loop's end to DROPPED. Each step has one winner.
 */
final class ScheduledTask implements LoopTask, Deadlines.Entry {
    private static final VarHandle STATE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "state", VarHandle.class, ScheduledTask.class, int.class);

    private static final int GIVEN = 0;
    private static final int WAITING = 1;
    private static final int RUNNING = 2;
    private static final int OVER = 3;
    private static final int CANCELED = 4;
    private static final int DROPPED = 5;

    private final LoopTasks tasks;

    /** 0 if it runs once. */
    private final long periodNanos;

    @SuppressWarnings("unused")
    private int state;

    /** Owned by the thread that gives the task to the loop, or back to it, then by the one that took the list. */
    @Nullable
    ScheduledTask next;

    // Owned by the loop, from when it takes the task.
    private @Nullable Runnable action;
    private long atNanos;
    private long number;
    private int place = Deadlines.NOWHERE;

    ScheduledTask(LoopTasks tasks, Runnable action, long atNanos, long periodNanos) {
        this.tasks = tasks;
        this.action = Objects.requireNonNull(action, "task");
        this.atNanos = atNanos;
        this.periodNanos = periodNanos;
    }

    // ---- any thread

    @Override
    public boolean cancel() {
        while (true) {
            int seen = stateVolatile();
            if (seen >= OVER) {
                return false;
            }
            if (casState(seen, CANCELED)) {
                if (seen == WAITING) {
                    tasks.removeSoon(this);
                }
                return true;
            }
        }
    }

    @Override
    public boolean isOver() {
        return stateVolatile() >= OVER;
    }

    // ---- the loop's thread

    /** The loop has the task now. False: it was canceled on the way. */
    boolean isTaken() {
        return casState(GIVEN, WAITING);
    }

    /** A task of another thread's has its place among those of the same time, in the order in which they were given. */
    void number(long value) {
        number = value;
    }

    /** The time has come. False: it was canceled. */
    boolean begins() {
        return casState(WAITING, periodNanos == 0 ? OVER : RUNNING);
    }

    /** Runs it. Throws what the user's code throws. */
    void run() {
        Runnable running = action;
        if (periodNanos == 0) {
            action = null; // the handle may live on
        }
        if (running != null) {
            running.run();
        }
    }

    /** After a run: when it is due next; what is missed already is left out. False: never. */
    boolean isToRunAgain(long nowNanos) {
        if (periodNanos == 0) {
            return false;
        }
        long late = Math.max(0, nowNanos - atNanos);
        atNanos += (late / periodNanos + 1) * periodNanos;
        return casState(RUNNING, WAITING);
    }

    /** Canceled, and in no list any more. */
    void forget() {
        action = null;
    }

    // ---- the end

    /** The loop ends. By the thread that took it out of its list. */
    void drop() {
        int seen = stateVolatile();
        while (seen < OVER && !casState(seen, DROPPED)) {
            seen = stateVolatile();
        }
    }

    boolean isDropped() {
        return stateVolatile() == DROPPED;
    }

    boolean isCanceled() {
        return stateVolatile() == CANCELED;
    }

    private int stateVolatile() {
        return (int) STATE.getVolatile(this);
    }

    private boolean casState(int from, int to) {
        return STATE.compareAndSet(this, from, to);
    }

    // ---- as an entry of the heap

    @Override
    public long atNanos() {
        return atNanos;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public int place() {
        return place;
    }

    @Override
    public void place(int value) {
        this.place = value;
    }
}
