package io.sendbuffer.session;

import java.util.concurrent.TimeUnit;

/** What is known of the other end of a session's channel. Written by whoever plays the peer, read by any thread. */
final class SoakEnd {
    /** Who read for so long without a pause gave the session no reason to time out. */
    private static final long LONG_NANOS = SoakHost.WRITE_TIMEOUT.toNanos() * 3 / 4;

    private static final long LONG_BETWEEN_READS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private volatile boolean left;
    private volatile boolean sawReset;
    private volatile boolean talked;
    private volatile boolean endedItsOutput;
    private volatile long readingSinceNanos = System.nanoTime();
    private volatile long readAtNanos = readingSinceNanos;

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

    /** It looks for something to read. */
    void beginRead() {
        long now = System.nanoTime();
        if (now - readAtNanos > LONG_BETWEEN_READS_NANOS) {
            readingSinceNanos = now;
            readAtNanos = now;
        }
    }

    /** It took everything that was there. */
    void readAll() {
        readAtNanos = System.nanoTime();
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

    /** It took everything, again and again, so that a session should not have waited so long. */
    boolean wasReadingAllTheTime() {
        return readAtNanos - readingSinceNanos > LONG_NANOS;
    }

    @Override
    public String toString() {
        return "the peer" + (left ? " left" : "") + (sawReset ? " saw a reset" : "") + (talked ? " talked" : "")
                + (endedItsOutput ? " ended its output" : "") + " read for "
                + TimeUnit.NANOSECONDS.toMillis(readAtNanos - readingSinceNanos) + " ms";
    }
}
