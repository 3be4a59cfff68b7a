/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a session last read and wrote, and what follows if that is long ago: its read timeout, its idle timeout and its
 * heartbeat. Made for sessions that have one of these; the others pay for none of it. As a task it sends the heartbeat.
 */
final class SessionActivity extends Delivery.Task implements Deadlines.Entry {
    private static final VarHandle READ = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "readNanos", VarHandle.class, SessionActivity.class, long.class);

    private static final VarHandle WRITTEN = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "writtenNanos", VarHandle.class, SessionActivity.class, long.class);

    /** A heartbeat may come this part of its interval late, so that many sessions do not cost a look each. */
    private static final int BEATS_PER_INTERVAL = 40;

    private static final long MIN_LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private static final long NEVER = SessionTimeouts.NEVER;

    final Session session;

    // Owned by the loop: when it looks at these clocks again, and their place among those of its sessions.
    private long lookAtNanos;
    private int place = Deadlines.NOWHERE;

    /** The thread that watches has seen a reason not to read, and nobody has said since that it is gone. */
    private volatile boolean seenHeldBack;

    /** The clocks run. */
    private volatile boolean begun;

    /** By the thread that reads; by the one that resumes reading. */
    @SuppressWarnings("unused")
    private long readNanos;

    /** By the thread that writes. */
    @SuppressWarnings("unused")
    private long writtenNanos;

    /** By the thread that sends heartbeats: when it tried last. */
    private volatile long beatenNanos = System.nanoTime() - TimeUnit.DAYS.toNanos(1);

    private volatile Duration readTimeout;
    private volatile Duration idleTimeout;

    /** How much time there is between two heartbeats; zero if there is none. Written under the monitor. */
    private volatile Duration beatInterval = Duration.ZERO;

    /** A heartbeat is due as well when nothing came in for the interval. Written under the monitor. */
    private volatile boolean asksForSigns;

    /** Guarded by the monitor: a reference of its own. */
    private @Nullable SendBuffer heartbeat;

    /** Guarded by the monitor: the session has ended, and holds no message any more. */
    private boolean over;

    SessionActivity(Session session) {
        this.session = session;
        this.readTimeout = session.settings.readTimeout();
        this.idleTimeout = session.settings.idleTimeout();
    }

    /** Returns null if a session with these settings needs none at first. */
    static @Nullable SessionActivity of(Session session) {
        SessionSettings settings = session.settings;
        boolean timed =
                !settings.readTimeout().isZero() || !settings.idleTimeout().isZero();
        return timed ? new SessionActivity(session) : null;
    }

    // ---- any thread

    Duration readTimeout() {
        return readTimeout;
    }

    Duration idleTimeout() {
        return idleTimeout;
    }

    /** Begins anew. */
    void readTimeout(Duration timeout) {
        setReadOpaque();
        readTimeout = timeout;
        watchSoon();
    }

    /** Begins anew. */
    void idleTimeout(Duration timeout) {
        setWrittenOpaque();
        idleTimeout = timeout;
        watchSoon();
    }

    /** The session is open: from here on the clocks run. Twice, where its first callback returns just now. */
    void begin() {
        setReadOpaque();
        setWrittenOpaque();
        begun = true;
        watchSoon();
    }

    /** The clocks have changed: looks come no later than one of them may be over. */
    void watchSoon() {
        long nanos = Math.min(nanosOf(readTimeout), Math.min(nanosOf(idleTimeout), nanosOf(beatInterval)));
        if (nanos != NEVER) {
            session.watchSoon(nanos);
        }
    }

    private static long nanosOf(Duration time) {
        return time.isZero() ? NEVER : time.toNanos();
    }

    /** What kept the session from being read is gone: the peer has its whole time again. */
    void readsAgain() {
        setReadOpaque();
        seenHeldBack = false;
        watchSoon();
    }

    /** Something came in; or reading is resumed, and has its whole time again. */
    void setReadOpaque() {
        READ.setOpaque(this, System.nanoTime());
    }

    /** The channel took something. */
    void setWrittenOpaque() {
        WRITTEN.setOpaque(this, System.nanoTime());
    }

    private long readOpaque() {
        return (long) READ.getOpaque(this);
    }

    private long writtenOpaque() {
        return (long) WRITTEN.getOpaque(this);
    }

    // ---- the thread that watches

    /** Says what has lasted too long, or returns null. */
    @Nullable
    IOException silence(long nowNanos) {
        if (session.isHeldBack()) {
            seenHeldBack = true;
        } else if (seenHeldBack) { // whoever took the reason away may not have come to say so
            seenHeldBack = false;
            setReadOpaque();
        }
        if (nanosLeftToRead(nowNanos) <= 0) {
            return new ReadTimeoutException(readTimeout);
        }
        return nanosLeftToBeIdle(nowNanos) <= 0 ? new IdleTimeoutException(idleTimeout) : null;
    }

    /** Has the heartbeat sent, if it is due. */
    void beatIfDue(long nowNanos) {
        if (nanosLeftToBeat(nowNanos) <= 0) {
            session.beatSoon(this);
        }
    }

    /** In how long the next clock is due. */
    long nanosLeft(long nowNanos) {
        long left = Math.min(nanosLeftToRead(nowNanos), nanosLeftToBeIdle(nowNanos));
        Duration interval = beatInterval;
        if (!interval.isZero()) {
            long beat = Math.max(
                    nanosLeftToBeat(nowNanos), Math.max(MIN_LOOK_NANOS, interval.toNanos() / BEATS_PER_INTERVAL));
            left = Math.min(left, beat);
        }
        return left;
    }

    /** A session that is not to read has all the time; so has one that closes, which has a clock for that. */
    private long nanosLeftToRead(long nowNanos) {
        Duration timeout = readTimeout;
        return runs(timeout) && session.isReading() ? readOpaque() + timeout.toNanos() - nowNanos : NEVER;
    }

    private long nanosLeftToBeIdle(long nowNanos) {
        Duration timeout = idleTimeout;
        if (!runs(timeout)) {
            return NEVER;
        }
        long sinceRead = nowNanos - readOpaque();
        long sinceWritten = nowNanos - writtenOpaque();
        return timeout.toNanos() - Math.min(sinceRead, sinceWritten);
    }

    private long nanosLeftToBeat(long nowNanos) {
        Duration interval = beatInterval;
        if (!runs(interval) || session.queue.isFinishing() || session.queue.isClosed()) {
            return NEVER;
        }
        long silence = nowNanos - writtenOpaque();
        if (asksForSigns) {
            silence = Math.max(silence, nowNanos - readOpaque());
        }
        long sinceBeaten = nowNanos - beatenNanos; // one that could not be sent is no reason to try without a pause
        return interval.toNanos() - Math.min(silence, sinceBeaten);
    }

    private boolean runs(Duration time) {
        return !time.isZero() && begun && !session.watch.isClosing();
    }

    // ---- heartbeats

    /**
     * Replaces the heartbeat, or takes it away. Takes a reference of its own.
     *
     * @param asks it is sent as well when nothing came in for the interval
     */
    void heartbeat(@Nullable SendBuffer message, Duration interval, boolean asks) {
        if (message != null) {
            message.retain();
        }
        SendBuffer before = message;
        synchronized (this) {
            if (!over) {
                before = heartbeat;
                heartbeat = message;
                asksForSigns = asks;
                beatInterval = interval;
            }
        }
        if (before != null) {
            before.release(); // calls the user's code: not under the monitor
        }
        watchSoon();
    }

    /** The session has ended, and gives the message back. */
    void end() {
        SendBuffer last;
        synchronized (this) {
            over = true;
            last = heartbeat;
            heartbeat = null;
            beatInterval = Duration.ZERO;
        }
        if (last != null) {
            last.release();
        }
    }

    private synchronized @Nullable SendBuffer retainedHeartbeat() {
        SendBuffer message = heartbeat;
        if (message != null) {
            message.retain();
        }
        return message;
    }

    /** Sends the heartbeat, unless something else was written meanwhile, or waits. */
    @Override
    void run() {
        try {
            if (nanosLeftToBeat(System.nanoTime()) <= 0 && mayBeat()) {
                beat();
            }
        } catch (Throwable e) {
            session.end(e);
        }
    }

    /** A question goes behind what waits; a peer that is slow with that has no time for it. */
    private boolean mayBeat() {
        return session.queuedMessages() == 0 || (asksForSigns && session.isWritable());
    }

    private void beat() {
        SendBuffer message = retainedHeartbeat();
        if (message == null) {
            return;
        }
        OfferResult result;
        try {
            beatenNanos = System.nanoTime();
            result = session.queue(message);
        } finally {
            message.release();
        }
        if (result == OfferResult.QUEUED) {
            session.flushInTime();
        }
    }

    // ---- on a loop, as one that it looks at when its time has come

    void lookAt(long nanos) {
        lookAtNanos = nanos;
    }

    @Override
    public long atNanos() {
        return lookAtNanos;
    }

    @Override
    public long number() {
        return 0;
    }

    @Override
    public int place() {
        return place;
    }

    @Override
    public void place(int value) {
        place = value;
    }
}
