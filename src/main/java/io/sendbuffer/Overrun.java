/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a queue that is full or behind: its policy, whether a limit with a time is passed, what it conflates,
 * and what it lost. Guarded by the queue's lock, and not touched by a message that has room and no key.
 *
 * <p>A notice of what was lost goes where the first of it was: before the next message that is taken from there on.
 */
final class Overrun {
    /** A soft limit that is passed, or an age, is looked at this often at least, in nanoseconds. */
    private static final long MAX_NANOS_TO_LOOK = 10_000_000;

    /** An age is looked at this often at most. */
    private static final long MIN_NANOS_TO_LOOK = 5_000_000;

    /** No notice is made of a loss. */
    static final int NO_RUN = -1;

    private OverrunPolicy policy;

    /** What is said of each message while the queue holds, and a limit with a time is passed. */
    private @Nullable OfferResult refusing;

    private boolean limitsAge;

    /** Made when a message waits first that a clock looks at. */
    private @Nullable AgeMarks ages;

    /** Messages that have left the queue, written or dropped; no notices. */
    private long left;

    /** The first message of the drainer's window is a notice. */
    private boolean noticeIsFirst;

    /** How many messages had been accepted too long ago, when the age was looked at last. */
    private long oldMessages;

    final Conflater conflater = new Conflater();

    private long droppedMessages;
    private long droppedBytes;

    /** By the ordinal of the {@link OfferResult}, but for bytes. Made when one is dropped for another reason first. */
    private long @Nullable [] dropped;

    long conflatedMessages;
    private long expiredMessages;

    /** What no notice was made of yet; made with the first policy, or conflation, that makes notices. */
    @Nullable
    GapRuns gaps;

    /** No notice could be made of what was lost: there is none before the next message. */
    boolean putBack;

    /** Made when a message with a time comes first. */
    @Nullable
    ExpirySearch expiries;

    /** No message before this number may be dropped. */
    private long firstDroppable;

    /** How many places are looked at within one hold of the lock for one that is expendable. */
    static final int MAX_LOOKS = 512;

    // No expendable message waits before the first of these numbers, nor from the other one on.
    private long expendableFrom;
    private long expendableTo;

    Overrun(OverrunPolicy policy, QueueLimits limits) {
        this.policy = policy;
        makeGapsFor(policy.notice);
        limits(limits);
    }

    boolean limitsAge() {
        return limitsAge;
    }

    OverrunPolicy policy() {
        return policy;
    }

    /** What was lost stays counted, for the notice of the new policy, or of one that comes later. */
    void policy(OverrunPolicy changed) {
        makeGapsFor(changed.notice);
        policy = changed;
    }

    /** Likewise. */
    void conflation(Conflation changed) {
        makeGapsFor(changed.notice);
        conflater.conflation(changed);
    }

    /** May run out of memory: nothing has changed then. */
    private void makeGapsFor(@Nullable GapNotice notice) {
        if (notice != null && gaps == null) {
            gaps = new GapRuns();
        }
    }

    /** Makes the notice of what was lost; null if nothing does. */
    @Nullable
    GapNotice notice() {
        return policy.notice != null ? policy.notice : conflater.conflation().notice;
    }

    /** True if each message that leaves the queue is to be counted here. */
    boolean isLeavingOfInterest() {
        return refusing != null || limitsAge || noticeIsFirst || isNoticeDue() || conflater.hasTable();
    }

    /** Other limits: what was known of the age is not of interest any more. */
    void limits(QueueLimits limits) {
        limitsAge = !limits.maxAge().isZero();
        ages = null;
        oldMessages = 0;
        refusing = null;
    }

    @Nullable
    OfferResult refusing() {
        return refusing;
    }

    void refuse(@Nullable OfferResult passed) {
        refusing = passed;
    }

    // ---- what leaves the queue

    void written(int messages) {
        left += messages;
        if (noticeIsFirst && messages > 0) {
            noticeIsFirst = false;
            left--;
        }
    }

    /**
     * A message was taken out from among the others: those before it stay as old as they are.
     *
     * @param before how many of the queue's messages are before it
     */
    void takenOut(int before) {
        long ordinal = left + messagesOf(before);
        if (ages != null) {
            ages.takenOut(ordinal);
        }
        if (oldMessages > ordinal) {
            oldMessages--;
        }
    }

    /**
     * A message was dropped.
     *
     * @param run what {@link #runOf} has found for it
     */
    void dropped(SendBuffer message, OfferResult why, int run) {
        int messages = message.messages();
        droppedMessages += messages;
        droppedBytes += message.sealedLength();
        countDropped(why, messages);
        GapRuns known = gaps;
        if (run != NO_RUN && known != null) {
            known.count(run, messages, message.sealedLength());
            putBack = false;
        }
    }

    @SuppressWarnings("EnumOrdinal") // as MeasuredRing.countRefused
    private void countDropped(OfferResult why, int messages) {
        long[] counts = dropped;
        if (why == OfferResult.REFUSED_BYTES) {
            return; // the rest of all
        }
        if (counts == null) {
            try {
                counts = new long[OfferResult.TOO_LARGE.ordinal() + 1];
                dropped = counts;
            } catch (OutOfMemoryError e) {
                return;
            }
        }
        counts[why.ordinal()] += messages;
    }

    DroppedMessages droppedByReason() {
        return DroppedMessages.of(droppedMessages, dropped);
    }

    /** Likewise, a message has expired. */
    void expired(int bytes, int run) {
        expiredMessages++;
        GapRuns known = gaps;
        if (run != NO_RUN && known != null) {
            known.countExpired(run, bytes);
            putBack = false;
        }
    }

    /**
     * Where a message counts that is about to be lost, so that nothing is to be called when it was: {@link #NO_RUN} if
     * no notice is made.
     *
     * @param leavesHole false if another message takes its turn
     */
    int runOf(MessageRing ring, long number, boolean leavesHole) {
        GapRuns known = gaps;
        if (known == null || notice() == null) {
            return NO_RUN;
        }
        if (putBack) {
            known.beginAt(number); // it is the only one
        }
        return known.runOf(ring, number, leavesHole);
    }

    /** The messages of the ring are about to get other numbers. */
    void forgetHoles(MessageRing ring) {
        if (gaps != null) {
            gaps.forgetHoles(ring);
        }
        if (expiries != null) {
            expiries.forgetHoles(numberAfter(ring, expiries.next()));
        }
        if (expendableFrom < expendableTo) {
            expendableFrom = numberAfter(ring, expendableFrom);
            expendableTo = numberAfter(ring, expendableTo);
        }
    }

    private static long numberAfter(MessageRing ring, long before) {
        long number = Math.max(before, ring.firstNumber());
        long next = ring.nextNumber();
        return number < next
                ? number + ring.holesAmong((int) (number - ring.firstNumber()), (int) (next - number))
                : before;
    }

    /** True if a notice is to be made of what was lost. */
    boolean isNoticeDue() {
        return gaps != null && !gaps.isEmpty() && notice() != null;
    }

    /** Where in the ring a notice is to go; larger than all numbers if there is none to make. */
    long placeOfNotice() {
        return gaps == null || notice() == null ? Long.MAX_VALUE : gaps.firstNumber();
    }

    long droppedMessages() {
        return droppedMessages;
    }

    long droppedBytes() {
        return droppedBytes;
    }

    long expiredMessages() {
        return expiredMessages;
    }

    /** What was lost before the message with this number; null if a notice of it is due no more. */
    @Nullable
    Gap takeGap(long number) {
        GapRuns known = gaps;
        if (known == null || !isNoticeDue() || number < known.firstNumber()) {
            return null;
        }
        Gap gap = known.take(number);
        putBack = false;
        return gap.messages() == 0 ? null : gap; // none is where the stack ended before a loss
    }

    /** No notice was made of this, and perhaps there is another run, to which it counts from now on. */
    void putBack(Gap gap, long nextNumber) {
        GapRuns known = gaps;
        if (known != null) {
            putBack |= known.putBack(gap, nextNumber);
        }
    }

    boolean isPutBack() {
        return putBack;
    }

    /** The number of the oldest message that may be dropped, which is no control message; -1 if there is none. */
    long oldestDroppable(MessageRing ring) {
        long number = Math.max(firstDroppable, ring.firstNumber());
        long next = ring.nextNumber();
        while (number < next && !isDroppable(ring.at(number))) {
            number++;
        }
        firstDroppable = number; // what was passed is a control message, or a hole, and stays so
        return number < next ? number : -1;
    }

    private static boolean isDroppable(@Nullable SendBuffer message) {
        return message != null && !message.isControl();
    }

    // ---- expendable messages, which are dropped first

    /** From this number on, up to the other one, messages may be expendable. */
    void mayBeExpendable(long from, long to) {
        expendableFrom = expendableFrom < expendableTo ? Math.min(expendableFrom, from) : from;
        expendableTo = Math.max(expendableTo, to);
    }

    /**
     * Looks for the oldest expendable message. Each place is passed once, unless an expendable message comes into the
     * place of an older one.
     *
     * @return true if more places are to be looked at, in another hold of the lock
     */
    boolean seekExpendable(MessageRing ring) {
        long number = Math.max(expendableFrom, ring.firstNumber());
        long end = Math.min(expendableTo, ring.nextNumber());
        long stop = Math.min(end, number + MAX_LOOKS);
        while (number < stop && !isExpendable(ring.at(number))) {
            number++;
        }
        expendableFrom = number;
        return number == stop && stop < end;
    }

    /** The number of the oldest expendable message, where {@link #seekExpendable} has found it; -1 if there is none. */
    long oldestExpendable(MessageRing ring) {
        long number = expendableFrom;
        return number < Math.min(expendableTo, ring.nextNumber()) && isExpendable(ring.at(number)) ? number : -1;
    }

    private static boolean isExpendable(@Nullable SendBuffer message) {
        return message != null && message.isExpendable();
    }

    /** A notice is the first message of a window that was empty. */
    void noticed() {
        noticeIsFirst = true;
    }

    // ---- limits with a time

    /** Returns the limit that is passed, or null. */
    @Nullable
    OfferResult passedLimit(QueueLimits limits, @Nullable Pressure pressure, int queued, long nowNanos) {
        if (pressure != null
                && !limits.softTime().isZero()
                && pressure.nanosAboveSoft(nowNanos) >= limits.softTime().toNanos()) {
            return OfferResult.REFUSED_SOFT_LIMIT;
        }
        return isTooOld(limits.maxAge(), queued, nowNanos) ? OfferResult.REFUSED_AGE : null;
    }

    private boolean isTooOld(Duration maxAge, int queued, long nowNanos) {
        if (!limitsAge || queued == 0) {
            return false;
        }
        AgeMarks marks = ages;
        if (marks == null) {
            marks = new AgeMarks();
            ages = marks;
        }
        long nanos = maxAge.toNanos();
        marks.mark(left + messagesOf(queued), nowNanos, nanos);
        oldMessages = marks.acceptedBefore(nowNanos, nanos);
        return oldMessages > left;
    }

    /** True if messages are too old, by the last look, beyond the first ones, which are in the drainer's window. */
    boolean areOldBeyond(int inWindow) {
        return oldMessages > left + messagesOf(inWindow);
    }

    /** The oldest message has waited for no longer than this, as far as a clock has looked. */
    long oldestNanosAtMost(long nowNanos) {
        AgeMarks marks = ages;
        return marks == null ? Long.MAX_VALUE : marks.nanosSinceNoMoreThan(left, nowNanos);
    }

    private int messagesOf(int queued) {
        return noticeIsFirst ? queued - 1 : queued;
    }

    /** In how many nanoseconds a clock is to look; {@link Long#MAX_VALUE} if it need not. */
    long nanosToLook(QueueLimits limits, @Nullable Pressure pressure, int queued, long nowNanos) {
        long nanos = Long.MAX_VALUE;
        if (refusing != null) {
            nanos = MAX_NANOS_TO_LOOK;
        }
        if (pressure != null && !limits.softTime().isZero()) {
            long above = pressure.nanosAboveSoft(nowNanos);
            if (above >= 0) {
                long rest = limits.softTime().toNanos() - above;
                nanos = Math.min(nanos, rest > 0 ? rest : MAX_NANOS_TO_LOOK);
            }
        }
        if (!limits.maxAge().isZero() && queued > 0) {
            long interval = AgeMarks.intervalNanos(limits.maxAge().toNanos());
            nanos = Math.min(nanos, Math.max(MIN_NANOS_TO_LOOK, interval));
        }
        return nanos;
    }
}
