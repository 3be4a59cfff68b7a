/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of one session: its connect, its close, the wait for the peer's end after the last byte, and the progress
 * of its writes. Progress is measured in bytes that the channel took, not in attempts: a call that writes nothing
 * resets no clock.
 */
class SessionTimeouts {
    /** No clock runs: how long to wait for the next one that is due. */
    static final long NEVER = Long.MAX_VALUE;

    /** A peer that takes fewer bytes than this in a write timeout does not keep its session alive. */
    static final long MIN_PROGRESS_BYTES = 4 << 10;

    /** How long a session may read after its last byte was written, or its write failed, if nothing comes in. */
    static final long MAX_LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long input that arrived before a write failed may take to be read, since the last of it was delivered. */
    static final long REST_OF_INPUT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long NONE = 0;
    private static final long INITIAL_PROBE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final int PROBE_FACTOR = 4;

    /** What is taken this long after a write began to wait is due to the peer's reading, not to buffers that fill. */
    private static final long MIN_READING_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final int READING_PART = 8;

    /** For a peer that was seen to read: the system reports that in steps, of which one may just miss the timeout. */
    private static final int PATIENCE = 2;

    private final SessionSettings settings;

    /** Set before others know of the session; cleared when it is connected. */
    private volatile long connectEndNanos = NONE;

    /** Guarded by this for writing: the earliest wins. */
    private volatile long closeEndNanos = NONE;

    /** Set when nothing more is written; moved on while input still arrives, but not past {@link #lingerLimitNanos}. */
    private volatile long lingerEndNanos = NONE;

    /** Set with the first {@link #lingerEndNanos}, before it: a peer that never stops sending is not read forever. */
    private volatile long lingerLimitNanos = NONE;

    /** Set by the thread that reads, cleared by the one that watches: the peer sends, and what it sends is dropped. */
    private volatile boolean inputDropped;

    /** Written by the thread that watches: when it saw a write wait first that has taken nothing since. */
    private volatile long stalledSinceNanos = NONE;

    // Owned by the thread that watches.
    private long seenBytes;
    private long windowStartNanos = NONE;
    private long windowStartBytes;
    private long waitsSinceNanos;
    private boolean peerReads;
    private long probeNanos = NONE;

    SessionTimeouts(SessionSettings settings) {
        this.settings = settings;
    }

    final void connectWithin(Duration timeout) {
        if (!timeout.isZero()) {
            connectEndNanos = endOf(timeout.toNanos());
        }
    }

    final void connected() {
        connectEndNanos = NONE;
    }

    /** Returns false if an earlier end counts already. */
    final synchronized boolean closeWithin(Duration timeout) {
        long end = endOf(timeout.toNanos());
        if (closeEndNanos != NONE && end - closeEndNanos >= 0) {
            return false;
        }
        closeEndNanos = end;
        return true;
    }

    /** True if the session closes within a time, in order. */
    final boolean isClosing() {
        return closeEndNanos != NONE;
    }

    /**
     * Starts the wait for the rest of the input, or moves its end on; a second in all and the close timeout still bound
     * it. Two threads that start it together set about the same limit.
     */
    final void lingerWithin(long nanos) {
        if (lingerLimitNanos == NONE) {
            lingerLimitNanos = endOf(MAX_LINGER_NANOS);
        }
        long end = endOf(nanos);
        long limit = lingerLimitNanos;
        lingerEndNanos = limit - end < 0 ? limit : end;
    }

    /** What came in while the session waits for the peer's end was dropped. */
    final void inputIsDropped() {
        if (!inputDropped) {
            inputDropped = true;
        }
    }

    /**
     * The end of a close is looked at each time, as a close may come after the wait has begun. A peer that has sent
     * since then, or since the last look, is waited for until the close's end. By the thread that watches.
     */
    final boolean isLingerOver(long nowNanos) {
        long end = lingerEndNanos;
        if (end == NONE || isOver(closeEndNanos, nowNanos)) {
            return end != NONE;
        }
        if (!isOver(end, nowNanos)) {
            return false;
        }
        boolean moves = inputDropped && closeEndNanos != NONE;
        if (moves) {
            inputDropped = false;
            lingerEndNanos = (nowNanos + MAX_LINGER_NANOS) | 1; // never NONE
        }
        return !moves;
    }

    /** Says which connect or close took too long, or returns null. */
    @Nullable
    final IOException late(long nowNanos) {
        if (lingerEndNanos != NONE) {
            return null; // all is written
        }
        if (isOver(closeEndNanos, nowNanos)) {
            return closedLate();
        }
        return isOver(connectEndNanos, nowNanos) ? connectedLate() : null;
    }

    static SocketTimeoutException closedLate() {
        return new SocketTimeoutException("closing took too long: the peer did not take all that was queued");
    }

    private SocketTimeoutException connectedLate() {
        return connectedLate(settings.connectTimeout());
    }

    static SocketTimeoutException connectedLate(Duration timeout) {
        return new SocketTimeoutException("connecting, or the handshake of a layer, took longer than " + timeout);
    }

    final SocketTimeoutException stuck() {
        return new SocketTimeoutException("the peer took fewer than " + MIN_PROGRESS_BYTES
                + " bytes of what is queued in " + Duration.ofNanos(patienceNanos()));
    }

    /**
     * True if a write has waited for the whole write timeout without enough progress; for twice as long, if the peer
     * was seen to read since it began to wait.
     *
     * @param writing whether a write waits at this moment
     * @param bytes what the channel took until now
     */
    final boolean isStuck(long nowNanos, boolean writing, long bytes) {
        noteProgress(nowNanos, writing, bytes);
        if (!writing || settings.writeTimeout().isZero()) {
            windowStartNanos = NONE;
            probeNanos = NONE;
            return false;
        }
        if (windowStartNanos == NONE) {
            waitsSinceNanos = nowNanos;
            probeAfter(INITIAL_PROBE_NANOS);
            peerReads = false;
            startWindow(nowNanos, bytes);
            return false;
        }
        if (bytes - windowStartBytes >= MIN_PROGRESS_BYTES) {
            peerReads |= nowNanos - waitsSinceNanos >= readingNanos();
            startWindow(nowNanos, bytes);
            return false;
        }
        return nowNanos - windowStartNanos >= patienceNanos();
    }

    private void noteProgress(long nowNanos, boolean writing, long bytes) {
        if (!writing) {
            if (stalledSinceNanos != NONE) {
                stalledSinceNanos = NONE;
            }
        } else if (stalledSinceNanos == NONE || bytes != seenBytes) {
            seenBytes = bytes;
            stalledSinceNanos = nowNanos | 1; // never NONE
        }
    }

    /** For how long a write has waited and taken nothing, as far as the looks have seen; 0 if none has. */
    final long stalledNanos(long nowNanos) {
        long since = stalledSinceNanos;
        return since == NONE ? 0 : Math.max(0, nowNanos - since);
    }

    private void startWindow(long nowNanos, long bytes) {
        windowStartNanos = nowNanos | 1; // never NONE
        windowStartBytes = bytes;
    }

    private long readingNanos() {
        return Math.max(MIN_READING_NANOS, settings.writeTimeout().toNanos() / READING_PART);
    }

    private long patienceNanos() {
        long timeoutNanos = settings.writeTimeout().toNanos();
        return peerReads ? PATIENCE * timeoutNanos : timeoutNanos;
    }

    /**
     * True a moment after a write began to wait, and after ever longer ones: what the socket sends on to the peer's
     * system meanwhile is to be written then, so that it does not count as progress later.
     */
    final boolean isProbeDue(long nowNanos) {
        if (!isOver(probeNanos, nowNanos)) {
            return false;
        }
        probeAfter((nowNanos - waitsSinceNanos) * PROBE_FACTOR);
        return true;
    }

    private void probeAfter(long nanos) {
        probeNanos = nanos < settings.writeTimeout().toNanos() ? (waitsSinceNanos + nanos) | 1 : NONE;
    }

    /** How long until the next clock is due, or {@link #NEVER}. */
    final long nanosLeft(long nowNanos) {
        long left = NEVER;
        if (windowStartNanos != NONE) {
            left = windowStartNanos + patienceNanos() - nowNanos;
        }
        left = Math.min(left, nanosUntil(probeNanos, nowNanos));
        return Math.max(0, Math.min(left, nanosToEnd(nowNanos)));
    }

    /** How long until the connect, the close or the wait for the peer's end takes too long, or {@link #NEVER}. */
    final long nanosToEnd(long nowNanos) {
        long left = nanosUntil(connectEndNanos, nowNanos);
        left = Math.min(left, nanosUntil(closeEndNanos, nowNanos));
        left = Math.min(left, nanosUntil(lingerEndNanos, nowNanos));
        return Math.max(0, left);
    }

    private static long nanosUntil(long endNanos, long nowNanos) {
        return endNanos == NONE ? NEVER : endNanos - nowNanos;
    }

    private static boolean isOver(long endNanos, long nowNanos) {
        return endNanos != NONE && nowNanos - endNanos >= 0;
    }

    private static long endOf(long nanos) {
        return (System.nanoTime() + nanos) | 1; // never NONE
    }
}
