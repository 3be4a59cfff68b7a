/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * A ring of messages that knows how much waits in it, what its limits say of that, and when its owner is to be notified
 * of it. All is guarded by the queue's lock, which is this object's monitor, but for the hints that any thread reads.
 *
 * <p>An offer and a drain look at as little as possible: {@link #easyBytes} and {@link #easyMessages} say how much may
 * wait before an offer has to look at anything else, and {@link #attentive} whether a drainer has to. What is seldom
 * needed is measured beyond that, in {@link #lookBeyond}, which sets these anew.
 */
abstract class MeasuredRing extends OrderedRing {
    /** What each queue may hold within its limits, however little its pool has left. */
    static final long GUARANTEED_BYTES = 64 << 10;

    /** Beyond that, the pool's share is looked at again whenever this much more waits. */
    private static final long GRANT_BYTES = 64 << 10;

    /** An offer that leaves more waiting than this looks at the limits, at the marks, and whether the queue ends. */
    long easyBytes;

    /** Counted until written, not until taken into the window; 0 after the end. */
    long queuedBytes;

    /** Counted off so far. Here for its place: each drain writes it, beside what else it writes. */
    long writtenMessages;

    int easyMessages;
    int queuedMessages;

    /** How many of them are values that were asked for: then all of the drainer's window are. */
    int values;

    /** The drainer is to look at more than the messages that wait. */
    boolean attentive;

    /** A drainer asks for values, too. */
    boolean pulling;

    boolean finishing;

    /** It finishes with a message that goes last, which waits in {@link Backlog}, or was taken. */
    boolean hasFarewell;

    boolean closed;

    // Written under the lock, read by any thread: what an offer, a flush and a clock look at without it.

    /** A mark was passed, and no thread has noticed yet that the owner is to be notified. */
    volatile boolean pressureIsNew;

    /** There is a change that the owner has not taken. */
    private volatile boolean pressureIsDue;

    /** Before the next message, what has expired is to be dropped, or a notice of what was lost to be made. */
    volatile boolean noticeDue;

    /** A message waits that may expire. */
    volatile boolean expiring;

    /** There is a limit with a time, so that a clock is to take the lock and look. */
    private volatile boolean timed;

    /** The queue holds more than its watermarks allow, or has ended. */
    volatile boolean high;

    // Guarded by the lock.

    /** The pool that the last message came from: most queues know only one. A hint, see {@link Backlog#isKnownTo}. */
    @Nullable
    ChunkStore store;

    /** Made when a mark is passed first: most queues never do, and many queues are in use. */
    private @Nullable Pressure pressure;

    /** Made for a policy, or limits, that need it. Without it, the queue holds. */
    @Nullable
    Overrun overrun;

    QueueLimits limits;

    /** What is granted of the limit so far; 0 while a limit with a time is passed and the queue holds. */
    private long grantedBytes;

    /** By the ordinal of the {@link OfferResult}. Made when an offer is refused first. */
    private long @Nullable [] refused;

    /** Of values and notices, so far. */
    long insertedBytes;

    MeasuredRing(QueueLimits limits, OverrunPolicy policy, QueueArrays arrays) {
        super(arrays);
        this.limits = limits;
        this.grantedBytes = Math.min(limits.maxQueuedBytes(), GUARANTEED_BYTES);
        this.timed = limits.isTimed();
        if (timed || policy != OverrunPolicy.hold()) {
            overrun = new Overrun(policy, limits);
        }
        lookBeyond();
    }

    // ---- room

    final boolean acceptsNothing() {
        return closed || finishing;
    }

    final boolean hasRoomFor(long bytes, int messages) {
        return (bytes <= grantedBytes - queuedBytes || grant(bytes))
                && messages <= limits.maxQueuedMessages() - queuedMessages;
    }

    /** What was granted is used up: grants more, if the limit and the pool's share allow it. */
    private boolean grant(long bytes) {
        long needed = queuedBytes + bytes;
        if (!isWithinLimit(bytes) || refusing() != null) {
            return false;
        }
        ChunkStore pool = store;
        boolean isGuaranteed = needed <= GUARANTEED_BYTES || queuedBytes == 0;
        if (!isGuaranteed && pool != null && needed > pool.queueShareOpaque()) {
            return false;
        }
        grantedBytes = Math.min(limits.maxQueuedBytes(), needed + GRANT_BYTES);
        lookBeyond();
        return true;
    }

    private boolean isWithinLimit(long bytes) {
        return bytes <= limits.maxQueuedBytes() - queuedBytes;
    }

    /** What was granted counts for this backlog, which is written. */
    final void giveGrantBack() {
        if (grantedBytes > GUARANTEED_BYTES) {
            grantedBytes = GUARANTEED_BYTES;
            lookBeyond();
        }
    }

    final OfferResult refusal(long bytes, int messages) {
        int maxMessages = limits.maxQueuedMessages();
        if (bytes > limits.maxQueuedBytes() || messages > maxMessages) {
            return OfferResult.TOO_LARGE;
        }
        OfferResult why = whyFull(bytes, messages);
        long most = why == OfferResult.REFUSED_BUDGET ? GUARANTEED_BYTES : limits.maxQueuedBytes();
        boolean isNoted = riseFor(most - bytes, maxMessages - messages);
        return isNoted ? why : OfferResult.REFUSED_HEAP;
    }

    private OfferResult whyFull(long bytes, int messages) {
        OfferResult overdue = refusing();
        if (overdue != null) {
            return overdue;
        }
        if (!isWithinLimit(bytes)) {
            return OfferResult.REFUSED_BYTES;
        }
        boolean isBudget = messages <= limits.maxQueuedMessages() - queuedMessages;
        return isBudget ? OfferResult.REFUSED_BUDGET : OfferResult.REFUSED_MESSAGES;
    }

    /**
     * Something was refused, and has room when no more than this waits. False if there is no memory to note that:
     * nothing would say when to try again.
     */
    final boolean riseFor(long bytesLeft, int messagesLeft) {
        Pressure measured = pressureIfPossible();
        if (measured != null && measured.refused(bytesLeft, messagesLeft)) {
            lookBeyond();
            pressureIsNew = true;
        }
        return measured != null || acceptsNothing();
    }

    /** An offer was refused, in the end: a policy has made no room for it. */
    @SuppressWarnings("EnumOrdinal") // within one process; a switch would have a class loaded when the heap is full
    synchronized void countRefused(OfferResult why) {
        long[] counts = refused;
        if (counts == null) {
            try {
                counts = new long[OfferResult.TOO_LARGE.ordinal() + 1];
                refused = counts;
            } catch (OutOfMemoryError e) {
                return;
            }
        }
        counts[why.ordinal()]++;
    }

    final RefusedOffers refused() {
        return refused == null ? RefusedOffers.NONE : RefusedOffers.of(refused);
    }

    // ---- measuring, when it may matter

    /** After something was added that was not easy. */
    final void measureIfBeyond() {
        if (queuedBytes > bytesToMeasure(pressure) || queuedMessages > messagesToMeasure(pressure)) {
            measure();
        }
    }

    final void measure() {
        if (queuedMessages == 0 && refusing() != null) {
            refuse(null);
        }
        Pressure measured = isOfInterest() ? pressureIfPossible() : pressure;
        boolean isNews = measured != null && measured.measure(queuedBytes, queuedMessages, refusing() != null);
        lookBeyond();
        if (isNews) {
            pressureIsNew = true; // last: the owner is to find what is due
        }
    }

    /** Whether a queue that never passed a mark passes one. */
    private boolean isOfInterest() {
        return queuedBytes > Pressure.leastBytesToMeasure(limits)
                || queuedMessages > Pressure.leastMessagesToMeasure(limits);
    }

    /** Without memory for it, nothing is measured: the next call tries again. */
    private @Nullable Pressure pressureIfPossible() {
        Pressure measured = pressure;
        if (measured == null && !acceptsNothing()) {
            try {
                measured = new Pressure(limits);
                pressure = measured;
            } catch (OutOfMemoryError e) {
                return null;
            }
        }
        return measured;
    }

    /** What is known now decides what an offer, and a drainer, are to look at next. */
    final void lookBeyond() {
        Pressure measured = pressure;
        boolean isLeavingOfInterest = closed
                || hasFarewell
                || noticeDue
                || expiring
                || pulling
                || hasSubscriptions()
                || grantedBytes > GUARANTEED_BYTES
                || (overrun != null && overrun.isLeavingOfInterest());
        if (measured != null) {
            pressureIsDue = measured.isDue();
            high = measured.isHigh();
            isLeavingOfInterest |= measured.isFallOfInterest();
        }
        attentive = isLeavingOfInterest;
        boolean isEachOfInterest = acceptsNothing() || hasSubscriptions();
        easyBytes = isEachOfInterest ? -1 : Math.min(grantedBytes, bytesToMeasure(measured));
        easyMessages = Math.min(limits.maxQueuedMessages(), messagesToMeasure(measured));
    }

    private long bytesToMeasure(@Nullable Pressure measured) {
        return measured == null ? Pressure.leastBytesToMeasure(limits) : measured.bytesToMeasure();
    }

    private int messagesToMeasure(@Nullable Pressure measured) {
        return measured == null ? Pressure.leastMessagesToMeasure(limits) : measured.messagesToMeasure();
    }

    /** Nothing is measured any more: the end says enough. */
    final void endPressure() {
        pressure = null;
        pressureIsNew = false;
        pressureIsDue = false;
        high = true;
        lookBeyond();
    }

    // ---- the limits

    synchronized QueueLimits limits() {
        return limits;
    }

    /** What is queued already stays, though it may be more. */
    synchronized void limits(QueueLimits changed) {
        if (changed.isTimed() || overrun != null) {
            overrunOfOurs().limits(changed); // may run out of memory: nothing has changed then
        }
        limits = changed;
        timed = changed.isTimed();
        refuse(null); // the clock looks again
        if (acceptsNothing()) {
            return;
        }
        if (pressure != null) {
            pressure.limits(changed);
        }
        measure();
    }

    // ---- limits with a time

    /**
     * Looks at the limits with a time. A queue that holds refuses what is offered while one is passed.
     *
     * @return the limit that is passed, unless the queue holds; null if none is
     */
    @Nullable
    synchronized OfferResult overdue(long nowNanos) {
        OfferResult passed = passedLimit(nowNanos);
        if (overrunPolicy().kind != OverrunPolicy.Kind.HOLD) {
            return passed;
        }
        if (passed != refusing()) {
            refuse(passed);
            measure();
        }
        return null;
    }

    boolean isTimedVolatile() {
        return timed;
    }

    final @Nullable OfferResult passedLimit(long nowNanos) {
        return acceptsNothing() || overrun == null
                ? null
                : overrun.passedLimit(limits, pressure, queuedMessages - values, nowNanos);
    }

    private @Nullable OfferResult refusing() {
        return overrun == null ? null : overrun.refusing();
    }

    private void refuse(@Nullable OfferResult passed) {
        if (overrun != null) {
            overrun.refuse(passed);
        }
        grantedBytes = passed == null ? Math.min(limits.maxQueuedBytes(), GUARANTEED_BYTES) : 0;
    }

    /** In how many nanoseconds to look again; {@link Long#MAX_VALUE} if no limit with a time can be passed. */
    synchronized long nanosToLook(long nowNanos) {
        return acceptsNothing() || overrun == null
                ? Long.MAX_VALUE
                : overrun.nanosToLook(limits, pressure, queuedMessages - values, nowNanos);
    }

    // ---- the policy

    synchronized OverrunPolicy overrunPolicy() {
        return overrun == null ? OverrunPolicy.hold() : overrun.policy();
    }

    synchronized void overrunPolicy(OverrunPolicy policy) {
        if (policy == overrunPolicy()) {
            return;
        }
        overrunOfOurs().policy(policy);
        noticeDue = false;
        refuse(null); // the clock looks again
        measure();
    }

    final Overrun overrunOfOurs() {
        Overrun ours = overrun;
        if (ours == null) {
            ours = new Overrun(OverrunPolicy.hold(), limits);
            ours.mayBeExpendable(firstNumber(), nextNumber()); // nothing was noted of those
            overrun = ours;
        }
        return ours;
    }

    final @Nullable Overrun overrunIfPossible() {
        try {
            return overrunOfOurs();
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    // ---- what the owner is to be notified of

    synchronized PressureChange takePressureChange() {
        Pressure measured = pressure;
        if (measured == null) {
            return PressureChange.NONE;
        }
        PressureChange change = measured.take();
        pressureIsDue = measured.isDue();
        return change;
    }

    boolean isHighVolatile() {
        return high;
    }

    boolean isPressureDueVolatile() {
        return pressureIsDue;
    }

    synchronized long queuedBytes() {
        return queuedBytes;
    }

    synchronized int queuedMessages() {
        return queuedMessages;
    }
}
