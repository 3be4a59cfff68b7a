/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.OfferResult;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The threads that wait until one session has room for what they send. Made by the first of them.
 *
 * <p>A sender reads how many signals there were, offers, and waits only if there were no more since: what makes room
 * comes before its signal, so the offer finds it, or the signal is not missed.
 */
final class WaitingSenders {
    private final ReentrantLock lock = new ReentrantLock(); // no monitor: a virtual thread leaves its carrier
    private final Condition room = lock.newCondition();

    /** Written under the lock. */
    private volatile long signals;

    /** Offers now, and again whenever there may be room; returns the last result. */
    OfferResult offer(Supplier<OfferResult> offer, Duration timeout) throws InterruptedException {
        if (WithinCall.isCallersOfSession()) {
            throw new IllegalStateException("a callback, or a loop's thread, would wait for itself: send without a"
                    + " timeout there, and continue in onWritable; or send by another thread");
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        OfferResult result;
        boolean inTime;
        do {
            long seen = signals; // before the offer that is refused
            result = offer.get(); // may call the user's code: under no lock
            inTime = isWorthWaiting(result) && awaitSignal(seen, deadline);
        } while (inTime);
        return result;
    }

    /** Nothing says when the heap has room, and an expendable message is not worth it. */
    static boolean isWorthWaiting(OfferResult result) {
        return result.isRefused() && result != OfferResult.REFUSED_HEAP && result != OfferResult.REFUSED_EXPENDABLE;
    }

    /** Returns false if there was none until the deadline. */
    private boolean awaitSignal(long seen, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = deadline - System.nanoTime();
            while (signals == seen && left > 0) {
                left = room.awaitNanos(left);
            }
            return signals != seen;
        } finally {
            lock.unlock();
        }
    }

    /** There may be room, or the session has ended. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock
    void signal() {
        lock.lock();
        try {
            signals++;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
