/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Calls the garbage collector where that frees memory that counts toward the JVM's limit although nothing uses it: what
 * pools discard stays allocated until a collection finds it, and a server that makes no garbage has none for hours.
 *
 * <p>{@code allocateDirect} would do the same, but on the thread that asks for memory, which then waits. Here a
 * separate thread calls the collector, and the one that asks is refused at once; a later one is served. After a call
 * that was known to help comes a pause, twice as long as the last one if the need came back soon after that.
 *
 * <p>Pools know what they discarded, and not what other owners did: receive buffers of a loop that ended, the buffers
 * of another library. So where a call is not known to help, there is one all the same, and another one after the
 * longest pause.
 */
final class CollectionRequests {
    static final long MIN_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(64);

    /** For use where the limit is not known. */
    static final CollectionRequests NONE = new CollectionRequests(SystemNanoClock.INSTANCE, () -> {});

    private final NanoClock clock;
    private final Runnable collection;

    // Guarded by this object's monitor.
    private long dueNanos;
    private long pauseEndNanos;
    private long pauseNanos = MIN_PAUSE_NANOS / 2;
    private long dueInVainNanos;

    /** Calls with {@code collection}, which must not wait for it. */
    CollectionRequests(NanoClock clock, Runnable collection) {
        this.clock = clock;
        this.collection = collection;
        this.dueNanos = clock.nanoTime();
        this.pauseEndNanos = dueNanos;
        this.dueInVainNanos = dueNanos;
    }

    static CollectionRequests ofThisJvm() {
        return new CollectionRequests(SystemNanoClock.INSTANCE, () -> {
            Thread thread = new Thread(System::gc, "sendbuffer-collection");
            thread.setDaemon(true);
            thread.start();
        });
    }

    /**
     * Claims the look at whether a call helps. So among several threads, and among refusals one after the other, few
     * look, and one calls.
     */
    synchronized boolean claimLook() {
        long now = clock.nanoTime();
        if (now - dueNanos < 0) {
            return false;
        }
        dueNanos = now + MIN_PAUSE_NANOS;
        return true;
    }

    /**
     * Calls, after a look that was claimed; if it is not known to help, only if such a call is due. May throw if no
     * thread can be started.
     */
    void call(boolean isKnownToHelp) {
        if (isKnownToHelp) {
            startPause();
            collection.run();
        } else if (claimCallInVain()) {
            collection.run();
        }
    }

    private synchronized boolean claimCallInVain() {
        long now = clock.nanoTime();
        if (now - dueInVainNanos < 0) {
            return false;
        }
        dueInVainNanos = now + MAX_PAUSE_NANOS;
        return true;
    }

    private synchronized void startPause() {
        long now = clock.nanoTime();
        boolean isSoon = now - pauseEndNanos < pauseNanos;
        pauseNanos = isSoon ? Math.min(2 * pauseNanos, MAX_PAUSE_NANOS) : MIN_PAUSE_NANOS;
        pauseEndNanos = now + pauseNanos;
        dueNanos = pauseEndNanos;
    }
}
