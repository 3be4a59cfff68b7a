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
 * A few threads that make the callbacks of sessions without a loop, where no thread that reads makes them: first in,
 * first out, each session's own one after the other.
 *
 * <p>One thread is there from the start, so a delivery never depends on a new one. While callbacks block and others
 * wait, {@link #help()}, which the clock calls, adds threads up to a limit; they leave when there is nothing to do.
 *
 * <p>The lock is a monitor, which needs no memory to be taken or waited for: a full heap loses no delivery.
 */
final class DeliveryThreads implements Delivery {
    private static final int MAX_THREADS = 64;
    private static final long IDLE_MILLIS = TimeUnit.SECONDS.toMillis(5);

    /** So what fails again at once, for want of memory for instance, does not make a busy loop. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ThreadFactory factory;
    private final SessionSettings settings;
    private final Runnable helper = this::workForAWhile;
    private final Object lock = new Object();

    // Guarded by the lock.
    private @Nullable Task first;
    private @Nullable Task last;
    private int threads;
    private long taken;
    private long takenAtLastHelp;
    private boolean closed;

    /** Starts the first thread. */
    DeliveryThreads(ThreadFactory factory, SessionSettings settings) {
        this.factory = factory;
        this.settings = settings;
        this.threads = 1;
        factory.newThread(() -> work(true)).start();
    }

    @Override
    public void deliver(Task task) {
        if (!add(task)) {
            return;
        }
        try {
            startThread(); // closed, and all have left
        } catch (Throwable e) {
            settings.report(e);
            workHere();
        }
    }

    /** No thread can be started, and none will be tried again: what waits is run here, rather than never. */
    private void workHere() {
        synchronized (lock) {
            threads++;
        }
        work(false); // it does not wait, since all is closed
    }

    /** Returns true if there is no thread, and one has to be started. */
    private boolean add(Task task) {
        synchronized (lock) {
            if (task.waiting) {
                return false;
            }
            task.waiting = true;
            if (last == null) {
                first = task;
            } else {
                last.next = task;
            }
            last = task;
            lock.notify();
            boolean start = threads == 0;
            threads += start ? 1 : 0;
            return start;
        }
    }

    /**
     * Adds a thread if tasks wait and none was taken since the last call: the threads are in callbacks that block.
     * Throws what keeps it from that; the next call tries again.
     */
    @Override
    public void help() {
        boolean start;
        synchronized (lock) {
            start = first != null && taken == takenAtLastHelp && threads < MAX_THREADS;
            takenAtLastHelp = taken;
            threads += start ? 1 : 0;
        }
        if (start) {
            startThread();
        }
    }

    private void startThread() {
        try {
            factory.newThread(helper).start();
        } catch (Throwable e) { // no more threads
            synchronized (lock) {
                threads--;
            }
            throw e;
        }
    }

    /** The threads leave when there is nothing more to do. What is delivered later gets a thread of its own. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
    }

    private void workForAWhile() {
        work(false);
    }

    private void work(boolean stays) {
        while (true) {
            try {
                Task task = next(stays ? 0 : IDLE_MILLIS);
                if (task == null) {
                    return;
                }
                task.run();
            } catch (InterruptedException e) {
                Thread.interrupted(); // left by a callback, and of no meaning to the next one
            } catch (Throwable e) {
                settings.report(e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /**
     * Waits for a task; returns null if this thread is to leave.
     *
     * @param idleMillis how long it may wait; 0 for as long as it takes
     */
    private @Nullable Task next(long idleMillis) throws InterruptedException {
        synchronized (lock) {
            awaitTask(idleMillis);
            Task task = first;
            if (task == null) {
                threads--;
                return null;
            }
            first = task.next;
            last = first == null ? null : last;
            task.next = null;
            task.waiting = false; // before it runs: what becomes due meanwhile comes again
            taken++;
            return task;
        }
    }

    /** Holding the lock. */
    @SuppressWarnings("GuardedBy")
    private void awaitTask(long idleMillis) throws InterruptedException {
        long start = System.nanoTime();
        long left = idleMillis;
        while (first == null && !closed && (idleMillis == 0 || left > 0)) {
            lock.wait(left);
            left = idleMillis == 0 ? 0 : idleMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        }
    }
}
