/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.RefusalListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** The groups of a soak, and the progress of their senders. */
final class SoakGroups {
    /** Two send to the sessions whose senders never wait, two to all sessions. */
    static final int SENDERS = 4;

    /** The sender number of what callbacks broadcast to the sessions whose senders never wait. */
    static final int FAREWELLS = SENDERS;

    /** The sender number of what a session sends to itself from within a callback. */
    static final int REPLIES = FAREWELLS + 1;

    private static final long FLUSHED = Long.MIN_VALUE;
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong[] queuesSinceNanos =
            Stream.generate(() -> new AtomicLong(FLUSHED)).limit(SENDERS).toArray(AtomicLong[]::new);
    private volatile long flushedLateAtNanos = System.nanoTime() - LATELY_NANOS;

    /** The sessions of all kinds. A sender may wait for a peer here. */
    final SessionGroup all = new SessionGroup(new Refusals());

    /** The sessions of the kinds whose senders never wait. */
    final SessionGroup quick = new SessionGroup(new Refusals());

    /** For each sender, the number of the last message that was offered to every session that it goes to. */
    final AtomicLong[] returned = Stream.generate(() -> new AtomicLong(SoakExpectation.NONE))
            .limit(REPLIES)
            .toArray(AtomicLong[]::new);

    // ---- messages that are queued, and whose flush is delayed by a peer of another session

    void beginToQueue(int sender) {
        queuesSinceNanos[sender].set(System.nanoTime());
    }

    void flushed(int sender) {
        if (isLong(queuesSinceNanos[sender].getAndSet(FLUSHED))) {
            flushedLateAtNanos = System.nanoTime();
        }
    }

    /** True if sessions may be behind without being slow: what was queued for them was not flushed for long. */
    boolean wereFlushedLate() {
        boolean late = System.nanoTime() - flushedLateAtNanos < LATELY_NANOS;
        for (AtomicLong since : queuesSinceNanos) {
            late |= isLong(since.get());
        }
        return late;
    }

    private static boolean isLong(long sinceNanos) {
        return sinceNanos != FLUSHED && System.nanoTime() - sinceNanos > LONG_NANOS;
    }

    /** Lets each session account for what it missed. */
    private static final class Refusals implements RefusalListener {
        @Override
        public void onRefused(Session session) {
            ((SoakSession) session.listener()).refused();
        }

        @Override
        public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
            ((SoakSession) session.listener()).missed(missedMessages);
        }
    }
}
