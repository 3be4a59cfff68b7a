/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of a session, and what follows when one of them is over. By the thread that watches: the loop, which ends
 * the session itself, or the one that keeps the time of all sessions without a loop. That one runs none of the user's
 * code, so it sets what it wants to be ended, and a delivery carries that out.
 */
final class SessionWatch extends SessionTimeouts {
    private final Session session;

    /** Owned by the thread that watches. */
    private boolean seenBroken;

    /** Written under the lock of the clocks, once, before {@link #endRequested}. */
    private @Nullable Throwable requestedCause;

    /** The thread that keeps the time wants the session to end, and another one is to end it. */
    private volatile boolean endRequested;

    /** Likewise: a limit of the queue that has a time is passed. */
    private volatile boolean overrunRequested;

    /** Likewise: it saw that the queue ended, and no other thread did. */
    private volatile boolean outputEndRequested;

    SessionWatch(Session session) {
        super(session.settings);
        this.session = session;
    }

    /** Nothing more is written: the rest of the input has so long to come, see {@link #lingerWithin}. */
    void linger(long nanos) {
        lingerWithin(nanos);
        session.watchSoon(nanos);
    }

    /**
     * Ends the session if something takes too long. By one thread at a time.
     *
     * @return in how many nanoseconds it has to be called again, whatever its {@link SessionActivity} wants;
     *     {@link #NEVER} if no clock runs
     */
    long check(long nowNanos) {
        if (!session.isOpen()) {
            return NEVER;
        }
        if (endRequested) {
            session.endSoon(); // an Error may have cut the last one off
            return NEVER;
        }
        if (isLingerOver(nowNanos)) {
            endOverdue(session.causeOfOutput());
            return NEVER;
        }
        IOException late = late(nowNanos);
        boolean stuck = isStuck(nowNanos);
        if (late == null && (stuck || isProbeDue(nowNanos))) {
            session.tryToWrite();
            late = isStuck(nowNanos) ? stuck() : null;
        }
        SessionActivity activity = session.activityIfAny();
        if (late == null && activity != null) {
            late = activity.silence(nowNanos);
        }
        if (late != null) {
            endOverdue(withInputEnd(late));
        } else if (session.queue.isOverdue(nowNanos)) {
            overrun(nowNanos);
        } else if (activity != null) {
            activity.beatIfDue(nowNanos);
        }
        return session.isOpen() ? Math.min(nanosLeft(nowNanos), session.queue.nanosToLook(nowNanos)) : NEVER;
    }

    /** How long until a clock of the queue, or of the session's activity, is to be looked at. */
    private long nanosToOthers(long nowNanos) {
        SessionActivity activity = session.activityIfAny();
        long nanos = session.queue.nanosToLook(nowNanos);
        return activity == null ? nanos : Math.max(0, Math.min(nanos, activity.nanosLeft(nowNanos)));
    }

    /** What the user releases with is not to run on the thread that keeps the time. */
    private void overrun(long nowNanos) {
        if (session.mayEndOnWatch()) {
            overrunOrEnd(nowNanos);
        } else {
            overrunRequested = true;
            session.endSoon();
        }
    }

    /** Whatever is thrown, for want of memory for instance, is this session's trouble alone. */
    private void overrunOrEnd(long nowNanos) {
        try {
            session.queue.overrun(nowNanos);
        } catch (Throwable e) {
            session.end(e);
        }
    }

    private boolean isStuck(long nowNanos) {
        return isStuck(nowNanos, session.isWriting(), session.queue.bytesWritten());
    }

    /** How long until one of the clocks that need no sampling ends the session; see {@link #nanosToEnd}. */
    long nanosToEndOfSession(long nowNanos) {
        boolean runs = session.isOpen() && !endRequested;
        return runs ? Math.min(nanosToEnd(nowNanos), nanosToOthers(nowNanos)) : NEVER;
    }

    /** The time in which all were to close is over: this one has not written what was queued, or still lingers. */
    void endLate() {
        endOverdue(session.isOutputOver() ? session.causeOfOutput() : withInputEnd(closedLate()));
    }

    private Throwable withInputEnd(IOException late) {
        Throwable ended = session.inputEnd;
        if (ended == null) {
            return late;
        }
        ended.addSuppressed(late);
        return ended;
    }

    /** Ends the session, here or soon, as {@link Session#mayEndOnWatch()} says. */
    void endOverdue(@Nullable Throwable why) {
        if (session.mayEndOnWatch()) {
            session.end(why);
            return;
        }
        synchronized (this) {
            if (!endRequested) {
                requestedCause = why;
                endRequested = true;
            }
        }
        session.endSoon();
    }

    /** Carries out what the thread that watches has asked for. Within no callback; by several threads at once. */
    void endIfRequested() {
        if (overrunRequested) {
            overrunRequested = false;
            overrunOrEnd(System.nanoTime());
        }
        if (outputEndRequested) {
            outputEndRequested = false;
            session.endOutput();
        }
        if (endRequested && session.isOpen()) {
            session.end(requestedCause);
        }
    }

    /**
     * Takes up what a thread left half done: the session's channel was closed by other code, or an Error, an exhausted
     * stack for instance, cut off the end of its queue or the delivery of its end. Called from time to time, by the one
     * thread that watches. Only the second look counts: a thread that is about to continue knows better.
     */
    void mend() {
        session.wakeAgain();
        if (session.isPressureDue()) {
            session.deliverSoon(); // an Error may have cut the notification off
        }
        boolean broken = session.isOpen() ? isBroken() : session.isDue();
        if (broken && seenBroken) {
            if (!session.isOpen()) {
                session.deliverSoon();
            } else if (!session.queue.isClosed()) {
                endOverdue(new ClosedChannelException());
            } else if (session.mayEndOnWatch()) {
                session.endOutput();
            } else {
                outputEndRequested = true;
                session.endSoon();
            }
        }
        seenBroken = broken;
    }

    /** Other code closed the channel, or an Error cut off the end of the queue. */
    private boolean isBroken() {
        boolean broken = !session.isChannelOpen() || isEndCutOff();
        return broken && !session.isCauseToCome();
    }

    /** What a layer over the channel holds, and its goodbye, go out after the end of the queue, and may take time. */
    private boolean isEndCutOff() {
        boolean isLayerWriting = session.saysGoodbye() && session.isWriting();
        return session.queue.isClosed() && !session.isOutputOver() && !isLayerWriting;
    }
}
