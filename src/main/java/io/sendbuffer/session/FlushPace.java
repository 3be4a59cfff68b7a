/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SendQueue;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The rate cap of one session: how much time there is between two flushes at least. A flush that comes too early is
 * made when its time has come: by the loop, by the thread that writes, or by a delivery. The first one after a pause
 * waits for nothing. What was queued when a flush began is written on as the channel takes it; what comes later waits
 * for the next one, however fast it comes.
 *
 * <p>Replaced when the interval changes, and given up when the session closes: a thread that still sees the old one has
 * queued its message before that, and the flush that follows the change finds it.
 */
final class FlushPace extends Delivery.Task {
    private static final VarHandle BEGUN = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "begunNanos", VarHandle.class, FlushPace.class, long.class);

    private static final VarHandle END_BYTES = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "endBytes", VarHandle.class, FlushPace.class, long.class);

    private static final VarHandle WAITS = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "flushWaits", VarHandle.class, FlushPace.class, boolean.class);

    /** What {@link #nanosToBegin} returns if there is nothing to write: the thread that queues something flushes. */
    static final long NOTHING = -1;

    private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(1);

    private static final long OVER = Long.MIN_VALUE >> 1;
    private static final long UNBOUNDED = Long.MAX_VALUE >> 1;

    /** A delivery looks at least this often: it keeps a session that has ended for no longer. */
    private static final long MAX_NANOS_TO_DELIVERY = TimeUnit.SECONDS.toNanos(1);

    private final Session session;
    final Duration interval;
    private final long intervalNanos;

    /** When the last flush began. */
    @SuppressWarnings("unused")
    private long begunNanos;

    /** A flush is to come when its time has come: until then, nobody else need ask for it. */
    @SuppressWarnings("unused")
    private boolean flushWaits;

    /**
     * How many bytes the channel will have taken when what was queued at the beginning is written, without what the
     * queue inserts: values and notices. No flush goes on: {@link #OVER}.
     */
    private volatile long endBytes = OVER;

    /** How many values will have been asked for then. */
    private volatile long endAsked;

    FlushPace(Session session, Duration interval) {
        this.session = session;
        this.interval = interval;
        this.intervalNanos = interval.toNanos();
        this.begunNanos = System.nanoTime() - MAX_NANOS;
    }

    /**
     * Begins a flush, if there is something to write and the time has come.
     *
     * @return 0 if the caller is to flush now, {@link #NOTHING}, or in how many nanoseconds the time comes
     */
    long nanosToBegin(SendQueue queue) {
        if (queue.isClosed()) {
            return 0; // the flush finds that
        }
        if (!queue.hasAnythingToWrite()) {
            return NOTHING; // a log's reader comes again with the next append
        }
        long now = System.nanoTime();
        while (true) {
            long begun = (long) BEGUN.getVolatile(this);
            long left = begun + intervalNanos - now;
            if (left > 0) {
                return left;
            }
            if (BEGUN.compareAndSet(this, begun, now)) {
                // Of a log all up to its tail, which its reader bounds.
                endAsked = queue.askedValues() + queue.markedKeys();
                endBytes = queue.isSubscribed() ? UNBOUNDED : queue.bytesToTheEnd();
                return 0;
            }
        }
    }

    /**
     * True if the flush that was begun is not over: to write on is no new one.
     *
     * @param bytes of a write that has completed and is not counted yet
     */
    boolean goesOn(SendQueue queue, long bytes) {
        long end = endBytes;
        return end != OVER
                && (queue.bytesWritten() + bytes < end + queue.insertedBytes() || queue.askedValues() < endAsked);
    }

    /** When the last flush began, for {@link #isOver}. */
    long begunVolatile() {
        return (long) BEGUN.getVolatile(this);
    }

    /** All is written, by a flush that found this beginning; what has begun since then goes on. */
    void isOver(long begun) {
        long end = endBytes;
        if (begunVolatile() == begun) {
            END_BYTES.compareAndSet(this, end, OVER);
        }
    }

    /** How many bytes the flush that was begun may still write, 1 or more, and no more than the limit. */
    long bytesLeft(SendQueue queue, long limit) {
        return Math.max(1, Math.min(limit, endBytes + queue.insertedBytes() - queue.bytesWritten()));
    }

    /** Has a delivery flush when the time has come, unless one will. */
    void deliverLater(SessionRegistry registry, long nanos) {
        if (!casFlushWaits()) {
            return;
        }
        boolean isToCome = false;
        try {
            registry.deliverLater(this, Math.min(nanos, MAX_NANOS_TO_DELIVERY));
            isToCome = true;
        } finally {
            if (!isToCome) {
                setFlushWaitsVolatile(false);
            }
        }
    }

    /** True: the caller is the one that sees to the flush that waits. */
    private boolean casFlushWaits() {
        return !flushWaitsVolatile() && WAITS.compareAndSet(this, false, true);
    }

    boolean flushWaitsVolatile() {
        return (boolean) WAITS.getVolatile(this);
    }

    /**
     * Set only by a thread that sees to the flush. Cleared before the flush: what is queued later asks for the next.
     */
    void setFlushWaitsVolatile(boolean waits) {
        WAITS.setVolatile(this, waits);
    }

    /** The time has come, where a delivery was asked for the flush. */
    @Override
    void run() {
        setFlushWaitsVolatile(false);
        try {
            session.flushInTime();
        } catch (Throwable e) {
            session.end(e);
        }
    }
}
