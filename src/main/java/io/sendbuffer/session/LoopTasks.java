/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a loop: any thread gives, the loop takes all at once and runs each when its time has come, some in each
 * duty cycle, so that they do not starve its sessions.
 */
final class LoopTasks {
    private static final VarHandle NEWEST = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "newest", VarHandle.class, LoopTasks.class, ScheduledTask.class);

    /** Of more that are due, the rest comes in the next duty cycle, after the sessions. */
    static final int MAX_IN_A_CYCLE = 64;

    private static final Duration MAX_DELAY = Duration.ofDays(365);
    private static final Duration MIN_PERIOD = Duration.ofMillis(1);

    private final SendLoop loop;

    /** Linked through the tasks; only ever taken whole. */
    @SuppressWarnings("unused")
    private @Nullable ScheduledTask newest;

    /** The loop ends: what is in the list is dropped, by it or by the thread that adds. */
    private volatile boolean closed;

    // Owned by the loop.
    private final Deadlines<ScheduledTask> waiting = new Deadlines<>();
    private @Nullable ScheduledTask taken;
    private long takenCount;
    private boolean isShortOfMemory;

    LoopTasks(SendLoop loop) {
        this.loop = loop;
    }

    // ---- any thread

    /** As soon as may be. */
    void execute(Runnable action) {
        give(new ScheduledTask(this, action, System.nanoTime(), 0));
    }

    LoopTask schedule(Runnable action, Duration delay) {
        if (delay.isNegative() || delay.compareTo(MAX_DELAY) > 0) {
            throw new IllegalArgumentException("delay must be between 0 and 365 days, was " + delay);
        }
        return give(new ScheduledTask(this, action, System.nanoTime() + delay.toNanos(), 0));
    }

    LoopTask scheduleAtFixedRate(Runnable action, Duration period) {
        if (period.compareTo(MIN_PERIOD) < 0 || period.compareTo(MAX_DELAY) > 0) {
            throw new IllegalArgumentException("period must be between 1 ms and 365 days, was " + period);
        }
        long nanos = period.toNanos();
        return give(new ScheduledTask(this, action, System.nanoTime() + nanos, nanos));
    }

    private ScheduledTask give(ScheduledTask task) {
        if (loop.isClosed()) {
            throw refusal();
        }
        push(task);
        if (closed) { // the loop may have looked at its list for the last time
            dropAll();
            if (task.isDropped()) {
                throw refusal();
            }
        }
        loop.wakeUpIfAsleep();
        return task;
    }

    private RejectedExecutionException refusal() {
        return new RejectedExecutionException("the loop is closed; give its tasks to a running one", loop.causeOfEnd());
    }

    /** A task that waits was canceled: there is no hurry. */
    void removeSoon(ScheduledTask task) {
        push(task);
    }

    private void push(ScheduledTask task) {
        ScheduledTask before;
        do {
            before = newestVolatile();
            task.next = before;
        } while (!NEWEST.compareAndSet(this, before, task));
    }

    /** What a loop that is about to sleep looks at. */
    boolean hasNew() {
        return newestVolatile() != null;
    }

    private @Nullable ScheduledTask newestVolatile() {
        return (ScheduledTask) NEWEST.getVolatile(this);
    }

    // ---- the loop's thread

    /** Runs the tasks that are due. Returns how many there were. */
    int run() {
        try {
            take();
            isShortOfMemory = false;
        } catch (OutOfMemoryError e) {
            if (!isShortOfMemory) { // once; what was taken stays so, and the sessions have their turn all the same
                isShortOfMemory = true;
                loop.report(e);
            }
        }
        if (waiting.isEmpty()) {
            return 0;
        }
        long now = System.nanoTime();
        int count = 0;
        ScheduledTask task;
        while (count < MAX_IN_A_CYCLE && (task = waiting.first()) != null && now - task.atNanos() >= 0) {
            waiting.remove(task);
            count++;
            run(task);
        }
        return count;
    }

    private void run(ScheduledTask task) {
        if (!task.begins()) {
            return;
        }
        try {
            task.run();
        } catch (Throwable e) {
            loop.report(e);
        }
        if (task.isToRunAgain(System.nanoTime())) {
            waiting.add(task); // where it was there is room
        }
    }

    /** Takes what others gave. What fails for want of memory is tried again in the next duty cycle. */
    private void take() {
        if (taken == null) {
            if (!hasNew()) {
                return;
            }
            taken = inOrder((ScheduledTask) NEWEST.getAndSet(this, (ScheduledTask) null));
        }
        ScheduledTask task;
        while ((task = taken) != null) {
            waiting.reserve();
            taken = task.next;
            task.next = null; // first: a cancel may give it back at once
            take(task);
        }
    }

    private void take(ScheduledTask task) {
        if (task.place() != Deadlines.NOWHERE) {
            waiting.remove(task); // it is here for the second time: canceled
            task.forget();
            return;
        }
        task.number(takenCount++);
        if (task.isTaken()) {
            waiting.add(task);
        } else {
            task.forget();
        }
    }

    private static @Nullable ScheduledTask inOrder(@Nullable ScheduledTask newestFirst) {
        ScheduledTask oldest = null;
        ScheduledTask task = newestFirst;
        while (task != null) {
            ScheduledTask before = task.next;
            task.next = oldest;
            oldest = task;
            task = before;
        }
        return oldest;
    }

    /** How long the loop may sleep before a task is due, at most as long as given. */
    long nanosToSleep(long maxNanos) {
        if (taken != null) {
            return 0;
        }
        ScheduledTask first = waiting.first();
        return first == null ? maxNanos : Math.max(0, Math.min(maxNanos, first.atNanos() - System.nanoTime()));
    }

    /** A step of the loop's end: from here on no task runs. */
    void close() {
        closed = true;
        drop(taken);
        taken = null;
        ScheduledTask first;
        while ((first = waiting.first()) != null) {
            waiting.remove(first);
            first.drop();
        }
        dropAll();
    }

    private void dropAll() {
        drop((ScheduledTask) NEWEST.getAndSet(this, (ScheduledTask) null));
    }

    private static void drop(@Nullable ScheduledTask list) {
        ScheduledTask task = list;
        while (task != null) {
            ScheduledTask next = task.next;
            task.drop();
            task = next;
        }
    }
}
