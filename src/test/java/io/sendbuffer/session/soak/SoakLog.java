/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.Gap;
import io.sendbuffer.LogRetention;
import io.sendbuffer.LogSnapshot;
import io.sendbuffer.LogStats;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Frames;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A log of the soak. The number of each of its messages is its position: what is refused is appended again. Under an
 * application lock, as a publisher that makes snapshots has one.
 */
final class SoakLog {
    /** So little that subscribers fall behind it. */
    private static final LogRetention RETENTION =
            LogRetention.DEFAULT.withMaxBytes(24 << 10).withMaxMessages(32);

    private static final LogRetention HISTORY =
            LogRetention.DEFAULT.withMaxBytes(8 << 10).withMaxMessages(12);

    private static final int REMEMBERED = 1 << 14;

    /** The sender number of its messages. */
    final int number;

    final BroadcastLog log;

    /** True if the subscribers of this log hold it. */
    final boolean isHeld;

    private final SoakPopulation population;
    private final SoakTally tally;
    private final SoakFaults faults;
    private final ReentrantLock lock = new ReentrantLock();

    /** Where a client came to that left, and may come back. */
    private final AtomicLong leftAt = new AtomicLong();

    // Guarded by the lock.
    private final Frames.Writer writer;
    private final long[] bytesBefore = new long[REMEMBERED];
    private @Nullable SendBuffer refused;

    SoakLog(int number, boolean isHeld, SoakPopulation population, long seed) {
        this.number = number;
        this.isHeld = isHeld;
        this.population = population;
        this.tally = population.tally;
        this.faults = population.faults;
        this.writer = new Frames.Writer(population.pool, number, seed);
        this.log = BroadcastLog.builder(population.pool)
                .retention(RETENTION)
                .history(HISTORY)
                .errorHandler(SoakErrors.ofLog(tally, faults))
                .build();
    }

    /** Appends the next message, if the pool has room for it, or the one that was refused. */
    void append(boolean asSnapshot) {
        lock.lock();
        try {
            SendBuffer message = refused != null ? refused : next();
            if (message != null) {
                refused = message;
                int length = message.length();
                long position = asSnapshot ? log.appendSnapshot(message) : log.append(message);
                if (isAppended(position)) {
                    bytesBefore[slot(position + 1)] = bytesBefore[slot(position)] + length;
                    refused = null;
                    message.release();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable SendBuffer next() {
        SendBuffer message = population.ask(false, writer::next, writer::tryNext);
        if (message == null) {
            return null;
        }
        tally.sent.increment();
        return message.onRelease(population.releases);
    }

    private boolean isAppended(long position) {
        if (position == BroadcastLog.REFUSED) {
            tally.require(isHeld, "a log that no subscriber holds refuses a message");
            faults.came(SoakFault.SUBSCRIBER_HOLDS_ITS_LOG);
            return false;
        }
        tally.require(position == writer.lastSequence(), "message " + writer.lastSequence() + " is at " + position);
        return true;
    }

    /** A message that begins where the log ends; null if the pool has no room for it. */
    @Nullable
    LogSnapshot snapshot() {
        lock.lock();
        try {
            long position = log.tailPosition();
            SendBuffer message = SoakLogFrames.snapshot(population, position);
            return message == null ? null : new LogSnapshot(message, position);
        } finally {
            lock.unlock();
        }
    }

    /** Checks what a subscriber is said to have missed. */
    void requireGap(Gap gap) {
        lock.lock();
        try {
            long end = gap.lastPosition() + 1;
            tally.require(gap.messages() > 0 && end <= log.tailPosition(), "no such gap: " + gap);
            if (log.tailPosition() - gap.firstPosition() < REMEMBERED) {
                long bytes = bytesBefore[slot(end)] - bytesBefore[slot(gap.firstPosition())];
                tally.require(gap.bytes() == bytes, gap + " has " + bytes + " bytes");
            }
        } finally {
            lock.unlock();
        }
    }

    private static int slot(long position) {
        return (int) position & (REMEMBERED - 1);
    }

    /** A client has left that got what is before this position. */
    void leftAt(long position) {
        leftAt.set(position);
    }

    /** Where a client continues. */
    long resumeAt() {
        return leftAt.get();
    }

    /** Called when no thread appends any more. */
    void close() {
        lock.lock();
        try {
            if (refused != null) {
                refused.release();
                refused = null;
            }
            log.close();
        } finally {
            lock.unlock();
        }
    }

    /** Called when every session has ended. */
    void requireNothingIsRetained() {
        LogStats stats = log.stats();
        tally.require(stats.retainedMessages() == 0 && stats.retainedBytes() == 0, "retained for no session: " + stats);
        tally.require(stats.passedPosition() == stats.tailPosition(), "not passed by all: " + stats);
        if (isHeld) {
            tally.require(stats.skips() + stats.ends() == 0, "overrun though it is held: " + stats);
            return;
        }
        long skips = faults.count(SoakFault.SUBSCRIBER_SKIPS) + faults.count(SoakFault.SUBSCRIBER_SKIPS_WITH_NOTICE);
        tally.require(stats.skips() >= skips, skips + " skips were seen, of " + stats);
        long ends = faults.count(SoakFault.SUBSCRIBER_ENDS);
        tally.require(stats.ends() >= ends, ends + " ends were seen, of " + stats);
    }

    @Override
    public String toString() {
        return (isHeld ? "held " : "") + log;
    }
}
