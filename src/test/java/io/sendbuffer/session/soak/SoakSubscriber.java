/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.Gap;
import io.sendbuffer.LogOverrunException;
import io.sendbuffer.LogSnapshot;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Subscription;
import io.sendbuffer.session.Faults;
import io.sendbuffer.session.Session;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The subscription of one session, and the check of what arrives of its log. */
final class SoakSubscriber {
    /** What happens if it is overrun. */
    enum Policy {
        END,
        SKIP,
        SKIP_WITH_NOTICE,
        HOLD
    }

    /** Where it begins. */
    enum Start {
        NOW,
        WHERE_ANOTHER_LEFT,
        SNAPSHOT
    }

    private static final long UNKNOWN = -1;

    private final SoakSession session;
    private final SoakPopulation population;
    private final SoakFaults faults;
    private final SoakLog log;
    private final Policy policy;
    private final Start start;
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile @Nullable Subscription place;
    private volatile boolean left;

    /** What was appended before the session was to be closed. */
    private final AtomicLong tailBeforeClose = new AtomicLong(UNKNOWN);

    /** Gaps for whose notices the pool had no room. */
    private final AtomicInteger unannounced = new AtomicInteger();

    /** The position that is due next. Written by the thread that subscribes, and then by the one that reads. */
    private volatile long next = UNKNOWN;

    /** Written by the thread that reads the stream. */
    private volatile long first = UNKNOWN;

    private volatile long gapFirst = UNKNOWN;

    SoakSubscriber(SoakSession session, SoakPopulation population, SplittableRandom random) {
        this.session = session;
        this.population = population;
        this.faults = population.faults;
        this.policy = Policy.values()[random.nextInt(Policy.values().length)];
        this.start = Start.values()[random.nextInt(Start.values().length)];
        this.log = population.logs.forPolicy(policy);
    }

    // ---- any thread

    /** Subscribes when this is called first: within onOpened, or by the thread that made the session. */
    void begin(Session itself) {
        if (!begun.compareAndSet(false, true)) {
            return;
        }
        try {
            switch (start) {
                case NOW -> place = itself.subscribe(log.log, policy());
                case SNAPSHOT -> beginWithSnapshot(itself);
                default -> resume(itself);
            }
        } catch (Throwable e) {
            if (!(e instanceof SoakThrown)) {
                throw e;
            }
        }
    }

    private void resume(Session itself) {
        long from = log.resumeAt();
        next = from;
        Subscription there = itself.subscribe(log.log, policy(), from);
        if (there == null) {
            next = UNKNOWN;
            beginWithSnapshot(itself);
            return;
        }
        place = there;
        require(there.startPosition() == from, "begins at " + there.startPosition());
        faults.came(SoakFault.SUBSCRIBER_RESUMES);
    }

    private void beginWithSnapshot(Session itself) {
        place = itself.subscribe(log.log, policy(), this::snapshotFrom);
    }

    private LogSnapshot snapshotFrom(long least) {
        faults.hit(SoakFault.SNAPSHOT_SOURCE_THROWS);
        LogSnapshot snapshot = log.snapshot();
        if (snapshot == null) {
            throw Faults.<RuntimeException>sneaky(faults.make(SoakFault.SNAPSHOT_SOURCE_THROWS));
        }
        require(snapshot.position() >= least, "asked for a snapshot of " + least);
        return snapshot;
    }

    private OverrunPolicy policy() {
        return switch (policy) {
            case END -> OverrunPolicy.end();
            case SKIP -> OverrunPolicy.skip();
            case SKIP_WITH_NOTICE -> OverrunPolicy.skip(this::noticeOf);
            case HOLD -> OverrunPolicy.hold();
        };
    }

    private @Nullable SendBuffer noticeOf(Gap gap) {
        log.requireGap(gap);
        if (faults.now(SoakFault.GAP_NOTICE_THROWS)) {
            throw Faults.<RuntimeException>sneaky(session.explain(faults.make(SoakFault.GAP_NOTICE_THROWS)));
        }
        SendBuffer notice = SoakLogFrames.notice(population, gap);
        if (notice == null) {
            unannounced.incrementAndGet();
        } else {
            faults.came(SoakFault.SUBSCRIBER_SKIPS_WITH_NOTICE);
        }
        return notice;
    }

    /** Gets nothing more; its session stays. */
    void leave() {
        Subscription there = place;
        if (there != null) {
            left = true;
            there.close();
        }
    }

    /** Called by each thread that closes in order; the first call counts. */
    void beforeClose() {
        tailBeforeClose.compareAndSet(UNKNOWN, log.log.tailPosition());
    }

    boolean isBehind() {
        Subscription there = place;
        return there != null && !left && there.lagInMessages() > 0;
    }

    // ---- the thread that reads the stream

    /** A message about the log has arrived. */
    void arrived(int sender, long sequence) {
        switch (sender) {
            case SoakLogFrames.SNAPSHOT -> snapshotArrived(sequence);
            case SoakLogFrames.GAP_FIRST -> gapBegins(sequence);
            case SoakLogFrames.GAP_LAST -> gapEnds(sequence);
            default -> messageArrived(sender, sequence);
        }
    }

    private void snapshotArrived(long position) {
        require(start != Start.NOW && next == UNKNOWN, "a snapshot of " + position + " where none was due");
        next = position;
    }

    private void gapBegins(long position) {
        require(policy == Policy.SKIP_WITH_NOTICE, "a notice that was not asked for");
        require(isDue(position), "a notice from " + position + " on");
        gapFirst = position;
    }

    private void gapEnds(long position) {
        require(gapFirst != UNKNOWN && position >= gapFirst, "a notice to " + position);
        gapFirst = UNKNOWN;
        next = position + 1;
    }

    private boolean isDue(long position) {
        return next == UNKNOWN || position == next || (position > next && unannounced.get() > 0);
    }

    private void messageArrived(int sender, long position) {
        require(sender == log.number && gapFirst == UNKNOWN, "a message of sender " + sender);
        boolean isSkip = next != UNKNOWN && position > next && policy == Policy.SKIP;
        require(isSkip || isDue(position), "message " + position);
        if (isSkip) {
            faults.came(SoakFault.SUBSCRIBER_SKIPS);
        }
        if (first == UNKNOWN) {
            first = position;
        }
        next = position + 1;
    }

    // ---- when the session and the stream are over

    /** The session was overrun. */
    void requireEnd(LogOverrunException cause) {
        require(policy == Policy.END, "ended though it was not to");
        require(next <= cause.gap().firstPosition(), "missed what it got: " + cause.gap());
        log.requireGap(cause.gap());
        faults.came(SoakFault.SUBSCRIBER_ENDS);
    }

    /** The session was closed in order, and its peer got everything. */
    void requireComplete() {
        Subscription there = place;
        if (there == null || left || policy == Policy.SKIP || unannounced.get() > 0) {
            return;
        }
        long reached = next == UNKNOWN ? there.startPosition() : next;
        require(reached >= tailBeforeClose.get(), tailBeforeClose + " were appended before the close");
    }

    /** However the session ended. */
    void requireGoodStart() {
        Subscription there = place;
        if (start == Start.NOW
                && there != null
                && first != UNKNOWN
                && policy != Policy.SKIP
                && policy != Policy.SKIP_WITH_NOTICE) {
            require(first == there.startPosition(), "began with " + first);
        }
        if (next != UNKNOWN) {
            log.leftAt(next);
        }
    }

    private void require(boolean kept, String rule) {
        if (!kept) {
            throw new AssertionError(rule + ", " + this);
        }
    }

    @Override
    public String toString() {
        return "a subscriber, " + policy + " from " + start + ", next " + next + (left ? ", left" : "") + ", "
                + unannounced + " unannounced, " + place + " of " + log;
    }
}
