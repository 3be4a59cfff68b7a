/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.OfferResult;
import io.sendbuffer.internal.LoopThreads;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads that wait until one session has room for what they send. Made by the first of them.
 *
 * <p>A sender reads how many signals there were, offers, and waits only if there were no more since: what makes room
 * comes before its signal, so the offer finds it, or the signal is not missed.
 *
 * <p>Needs no memory to wait or to signal but one small object, which a sender makes first. The list of those that wait
 * is behind a monitor, which is left whatever is thrown, even where the stack ends; no thread waits within it, so a
 * virtual thread leaves its carrier where it parks. What cuts off a signal costs its senders {@link #MAX_PARK_NANOS}:
 * then they offer again by themselves.
 */
final class WaitingSenders {
    private static final long MAX_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final long maxParkNanos;
    private final boolean onAnyThread;

    /** Written within the monitor. */
    private volatile long signals;

    /** Guarded by the monitor, as the links. */
    private @Nullable Waiting first;

    /** A thread that waits, or is about to. */
    private static final class Waiting {
        final Thread thread = Thread.currentThread();

        @Nullable
        Waiting next;

        @Nullable
        Waiting previous;
    }

    WaitingSenders() {
        this(MAX_PARK_NANOS, false);
    }

    /**
     * For races, which would not see a missed signal that a sender makes good by itself, and all threads of which run
     * loops.
     */
    WaitingSenders(long maxParkNanos, boolean onAnyThread) {
        this.maxParkNanos = maxParkNanos;
        this.onAnyThread = onAnyThread;
    }

    /** Offers now, and again whenever there may be room; returns the last result. */
    OfferResult offer(Supplier<OfferResult> offer, Duration timeout) throws InterruptedException {
        if ((!onAnyThread && LoopThreads.isCaller()) || WithinCall.isCallersOfSession()) {
            throw new IllegalStateException("a callback, or a loop's thread, would wait for itself: send without a"
                    + " timeout there, and continue in onWritable; or send by another thread");
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        Waiting ours = new Waiting();
        OfferResult result;
        boolean inTime;
        do {
            long seen = signals; // before the offer that is refused
            result = offer.get(); // may call the user's code: under no lock
            inTime = isWorthWaiting(result) && awaitSignal(ours, seen, deadline);
        } while (inTime);
        return result;
    }

    /** Nothing says when the heap has room, and an expendable message is not worth it. */
    static boolean isWorthWaiting(OfferResult result) {
        return result.isRefused() && result != OfferResult.REFUSED_HEAP && result != OfferResult.REFUSED_EXPENDABLE;
    }

    /** Returns false if the deadline has come; true after a signal, or when it is time to look without one. */
    private boolean awaitSignal(Waiting ours, long seen, long deadline) throws InterruptedException {
        long start = System.nanoTime();
        try {
            add(ours);
            long now = start;
            while (signals == seen && now - start < maxParkNanos && deadline - now > 0) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LockSupport.parkNanos(this, Math.min(deadline - now, maxParkNanos - (now - start)));
                now = System.nanoTime();
            }
            return signals != seen || deadline - now > 0;
        } finally {
            remove(ours);
        }
    }

    private synchronized void add(Waiting ours) {
        Waiting second = first;
        ours.next = second;
        if (second != null) {
            second.previous = ours;
        }
        first = ours;
    }

    private synchronized void remove(Waiting ours) {
        Waiting before = ours.previous;
        Waiting after = ours.next;
        if (before != null) {
            before.next = after;
        } else if (first == ours) {
            first = after;
        }
        if (after != null) {
            after.previous = before;
        }
        ours.previous = null;
        ours.next = null;
    }

    /** There may be room, or the session has ended. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // within the monitor
    synchronized void signal() {
        signals++;
        for (Waiting each = first; each != null; each = each.next) {
            LockSupport.unpark(each.thread);
        }
    }

    /** How many wait; for tests. */
    synchronized int count() {
        int count = 0;
        for (Waiting each = first; each != null; each = each.next) {
            count++;
        }
        return count;
    }
}
