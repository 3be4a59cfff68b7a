package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The clocks of one session: its connect, its stuck write, its close. */
final class Deadlines {
    private static final long NONE = 0;

    private final SessionSettings settings;

    /** Set before others know of the session; cleared when it is connected. */
    private volatile long connectEndNanos = NONE;

    /** Guarded by this for writing: the earliest wins. */
    private volatile long closeEndNanos = NONE;

    // Owned by the thread that watches.
    private long watchedWrite;
    private long watchedSinceNanos;

    Deadlines(SessionSettings settings) {
        this.settings = settings;
    }

    void connectWithin(Duration timeout) {
        if (!timeout.isZero()) {
            connectEndNanos = endOf(timeout);
        }
    }

    void connected() {
        connectEndNanos = NONE;
    }

    synchronized void closeWithin(Duration timeout) {
        long end = endOf(timeout);
        if (closeEndNanos == NONE || end - closeEndNanos < 0) {
            closeEndNanos = end;
        }
    }

    boolean areSet() {
        return connectEndNanos != NONE || closeEndNanos != NONE;
    }

    /**
     * Tells what took too long, or null.
     *
     * @param stuckWrite see {@link Session#stuckWrite()}
     */
    @Nullable
    IOException late(long nowNanos, long stuckWrite) {
        if (isOver(closeEndNanos, nowNanos)) {
            return closedLate();
        }
        if (isOver(connectEndNanos, nowNanos)) {
            return new SocketTimeoutException("connecting took longer than " + settings.connectTimeout());
        }
        return stuckTooLong(nowNanos, stuckWrite)
                ? new SocketTimeoutException("the peer took nothing for " + settings.writeTimeout())
                : null;
    }

    static SocketTimeoutException closedLate() {
        return new SocketTimeoutException("closing took too long: the peer did not take all that was queued");
    }

    private boolean stuckTooLong(long nowNanos, long stuckWrite) {
        if (stuckWrite == NONE || stuckWrite != watchedWrite) {
            watchedWrite = stuckWrite;
            watchedSinceNanos = nowNanos;
            return false;
        }
        long timeoutNanos = settings.writeTimeout().toNanos();
        return timeoutNanos != 0 && nowNanos - watchedSinceNanos >= timeoutNanos;
    }

    private static boolean isOver(long endNanos, long nowNanos) {
        return endNanos != NONE && nowNanos - endNanos >= 0;
    }

    private static long endOf(Duration timeout) {
        return (System.nanoTime() + timeout.toNanos()) | 1; // never NONE
    }
}
