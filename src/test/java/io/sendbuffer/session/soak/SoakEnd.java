/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.util.concurrent.TimeUnit;

/**
 * What is known of the other end of a session's channel. Written by the thread that acts as the peer, read by any
 * thread.
 */
final class SoakEnd {
    /** A peer that read for this long without a pause gave the session no reason to time out. */
    private static final long LONG_NANOS = SoakHost.WRITE_TIMEOUT.toNanos() * 3 / 4;

    private static final long LONG_BETWEEN_READS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long MAX_NANOS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private volatile boolean left;
    private volatile boolean sawReset;
    private volatile boolean talked;
    private volatile boolean endedItsOutput;

    /** Owned by the thread that acts as the peer. */
    private long lookedAtNanos = System.nanoTime();

    private volatile long readingSinceNanos = System.nanoTime();
    private volatile long readAtNanos = readingSinceNanos;

    private volatile long arrivedAtNanos = readingSinceNanos;
    private volatile long silentUntilNanos = readingSinceNanos;

    /** When the peer last left something unread that it could have read, or was not there to read it. */
    private volatile long laggedAtNanos = readingSinceNanos;

    void leave() {
        endedItsOutput = true;
        left = true;
    }

    void reset() {
        sawReset = true;
    }

    void talk() {
        talked = true;
    }

    void endOutput() {
        endedItsOutput = true;
    }

    /** The peer looks for something to read. */
    void beginRead() {
        long now = System.nanoTime();
        if (now - lookedAtNanos > MAX_NANOS_BETWEEN_LOOKS) {
            laggedAtNanos = now;
        }
        lookedAtNanos = now;
        if (now - readAtNanos > LONG_BETWEEN_READS_NANOS) {
            readingSinceNanos = now;
            readAtNanos = now;
        }
    }

    /** The peer took everything that was there. */
    void readAll() {
        readAtNanos = System.nanoTime();
    }

    /** The peer leaves something unread that it could read. */
    void lag() {
        laggedAtNanos = System.nanoTime();
    }

    /**
     * True if the peer lagged recently, so that the session may be behind. A peer that kept taking all that there was,
     * at once, for this long is not slow.
     */
    boolean laggedLately() {
        return System.nanoTime() - laggedAtNanos < LATELY_NANOS;
    }

    /** Bytes of the session arrived. */
    void arrived() {
        long now = System.nanoTime();
        if (now - arrivedAtNanos > SILENCE_NANOS) {
            silentUntilNanos = now;
        }
        arrivedAtNanos = now;
    }

    /** True if, until recently, nothing arrived for a while: it was the session that did not write. */
    boolean wasSilentLately() {
        long now = System.nanoTime();
        return now - arrivedAtNanos > SILENCE_NANOS || now - silentUntilNanos < LATELY_NANOS;
    }

    /** The peer closed its end, or broke. */
    boolean peerLeft() {
        return left;
    }

    boolean sawReset() {
        return sawReset;
    }

    boolean peerTalked() {
        return talked;
    }

    boolean peerEndedItsOutput() {
        return endedItsOutput;
    }

    /** True if the peer kept taking everything, so that a session should not have waited so long. */
    boolean wasReadingAllTheTime() {
        return readAtNanos - readingSinceNanos > LONG_NANOS;
    }

    @Override
    public String toString() {
        return "the peer" + (left ? " left" : "") + (sawReset ? " saw a reset" : "") + (talked ? " talked" : "")
                + (endedItsOutput ? " ended its output" : "") + " read for "
                + TimeUnit.NANOSECONDS.toMillis(readAtNanos - readingSinceNanos) + " ms, lagged "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - laggedAtNanos) + " ms ago";
    }
}
