/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.ReleaseCounter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What a soak counts, and the first thing that went wrong. Thread-safe. */
final class SoakTally {
    final LongAdder opened = new LongAdder();
    final LongAdder ended = new LongAdder();
    final LongAdder complete = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder renewed = new LongAdder();

    /** Sessions that ended as slow consumers; and those of them that had nothing unwritten when they had ended. */
    final LongAdder shed = new LongAdder();

    final LongAdder shedTooLate = new LongAdder();

    /** Of them, those whose peer took all there was: the sessions did not write for a while. */
    final LongAdder shedStarved = new LongAdder();

    final LongAdder poolFull = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder receivedBytes = new LongAdder();
    final LongAdder interrupts = new LongAdder();
    final ReleaseCounter released = new ReleaseCounter();

    private final Map<String, LongAdder> causes = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> receivedByHost = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final long startNanos = System.nanoTime();
    private volatile boolean stopped;

    /** True until the time is over, or something went wrong. */
    boolean isRunning() {
        return !stopped;
    }

    void stop() {
        stopped = true;
    }

    void fail(Throwable why) {
        failure.compareAndSet(null, why);
        stopped = true;
    }

    void require(boolean kept, String rule) {
        if (!kept) {
            fail(new AssertionError(rule));
        }
    }

    /** A session that is chosen as slow may write the rest of its backlog before it ends, but not often. */
    void requireThatShedWereSlow() {
        if (shedTooLate.sum() > 1 + shed.sum() / 200) {
            throw new AssertionError(
                    shedTooLate + " of " + shed + " sessions that ended as slow had nothing unwritten");
        }
    }

    void requireThatPeersWereSlow() {
        if (shedStarved.sum() > 1 + shed.sum() / 200) {
            throw new AssertionError(
                    shedStarved + " of " + shed + " sessions that ended as slow had a peer that was not slow");
        }
    }

    void requireHealthy() {
        Throwable why = failure.get();
        if (why != null) {
            throw new AssertionError("the soak failed after " + this, why);
        }
    }

    void endedBy(@Nullable Throwable cause) {
        String name = cause == null ? "none" : cause.getClass().getSimpleName();
        causes.computeIfAbsent(name, key -> new LongAdder()).increment();
    }

    /** The counter of what arrived from the sessions of one host. */
    LongAdder receivedFrom(String host) {
        return receivedByHost.computeIfAbsent(host, key -> new LongAdder());
    }

    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    String causes() {
        return new TreeMap<>(causes).toString();
    }

    /** Returns one line. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.0f s: sessions %,d opened, %,d ended (%,d in order); messages %,d sent, %,d accepted, %,d received;"
                        + " %,d MB; %,d refused, pool full %,d times, %,d interrupts,"
                        + " %,d hosts renewed",
                seconds(),
                opened.sum(),
                ended.sum(),
                complete.sum(),
                sent.sum(),
                accepted.sum(),
                received.sum(),
                receivedBytes.sum() >> 20,
                refused.sum(),
                poolFull.sum(),
                interrupts.sum(),
                renewed.sum());
    }
}
