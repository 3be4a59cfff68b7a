/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * A ring that may lose messages before they are written: a policy drops the oldest, or a message expires. Counts them,
 * and keeps the place for a {@link GapNotice} of what was lost. What it takes out, its caller releases under no lock.
 */
abstract class LossyRing extends MeasuredRing {
    LossyRing(QueueLimits limits, OverrunPolicy policy, QueueArrays arrays) {
        super(limits, policy, arrays);
    }

    // ---- what is lost

    /**
     * Takes a message that is in no write out of the queue, as the policy wants it: the oldest that is expendable, or
     * the oldest that is no control message.
     *
     * @param why the limit that makes it necessary
     * @return the message, with the queue's reference to it; null if there is none
     */
    @Nullable
    synchronized SendBuffer dropOldest(OfferResult why) {
        if (!mayDrop()) {
            return null;
        }
        Overrun ours = overrunOfOurs();
        ours.seekExpendable(this);
        long expendable = ours.oldestExpendable(this);
        return expendable >= 0
                ? drop(expendable, OfferResult.REFUSED_EXPENDABLE, ours)
                : drop(ours.oldestDroppable(this), why, ours);
    }

    /**
     * Looks for the oldest expendable message, before {@link #dropOldest}.
     *
     * @return true if it is to be called again: the lock is held for some looks only
     */
    synchronized boolean seekExpendable() {
        return mayDrop() && overrunOfOurs().seekExpendable(this);
    }

    private boolean mayDrop() {
        return !acceptsNothing() && overrun != null && overrun.policy().kind == OverrunPolicy.Kind.SKIP;
    }

    private @Nullable SendBuffer drop(long number, OfferResult why, Overrun ours) {
        if (number < 0) {
            return null;
        }
        noteTakenOut(number, ours);
        int run = ours.runOf(this, number, true);
        SendBuffer dropped = there(remove(number));
        ours.dropped(dropped, why, run);
        isLost(dropped, ours);
        return dropped;
    }

    /** Before a message is taken out before its turn, while it is there. */
    final void noteTakenOut(long number, Overrun ours) {
        if (ours.limitsAge()) {
            ours.takenOut(messagesBefore(number));
        }
    }

    private void isLost(SendBuffer message, Overrun ours) {
        queuedBytes -= message.sealedLength();
        queuedMessages--;
        noticeIfReached(ours.placeOfNotice());
        compactIfSparse(ours);
        measure();
    }

    /** Those of the window too. Where it would take too many looks, all holes are taken to be before it. */
    private int messagesBefore(long number) {
        int places = (int) (number - firstNumber());
        int holes = places > Overrun.MAX_LOOKS ? Math.min(places, places() - waiting()) : holesAmong(0, places);
        return queuedMessages - values - waiting() + places - holes;
    }

    /**
     * Likewise, if a limit with a time is passed because of it. What is too old goes, unless it is a control message.
     */
    @Nullable
    synchronized SendBuffer dropOverdue(long nowNanos) {
        OfferResult passed = passedLimit(nowNanos);
        if (passed == OfferResult.REFUSED_SOFT_LIMIT) {
            return dropOldest(passed);
        }
        if (passed != OfferResult.REFUSED_AGE || !mayDrop()) {
            return null;
        }
        Overrun ours = overrunOfOurs();
        return isDroppableOld(ours) ? drop(ours.oldestDroppable(this), passed, ours) : null;
    }

    private boolean isDroppableOld(Overrun ours) {
        long number = ours.oldestDroppable(this);
        int before = (int) (number - firstNumber());
        return number >= 0 && ours.areOldBeyond(queuedMessages - values - waiting() + before - holesAmong(0, before));
    }

    /**
     * Takes the first message out if its time is over.
     *
     * @return the message, with the queue's reference to it; null if there is none
     */
    @Nullable
    synchronized SendBuffer takeExpired() {
        Overrun ours = overrun;
        if (closed || ours == null || !expiring || !isFirstExpired()) {
            return null;
        }
        long first = firstNumber();
        noteTakenOut(first, ours); // behind what the drainer holds, which is older
        return removeExpired(first, ours);
    }

    private SendBuffer removeExpired(long number, Overrun ours) {
        int run = ours.runOf(this, number, true);
        SendBuffer expired = there(remove(number));
        ours.expired(expired.sealedLength(), run);
        expiring = !isEmpty();
        isLost(expired, ours);
        return expired;
    }

    /** An offer was refused for a limit. */
    synchronized void noteNoRoom() {
        if (overrun != null && overrun.expiries != null) {
            overrun.expiries.noteNoRoom();
        }
    }

    /** True if {@link #takeExpiredBehind} is to be called, once more perhaps: the lock is held for some looks only. */
    synchronized boolean seeksExpired() {
        return !closed
                && expiring
                && overrun != null
                && overrun.expiries != null
                && overrun.expiries.isToContinue(this, AttributedSlice.nowMillis());
    }

    /**
     * Looks on for messages whose time is over behind others, and takes one out.
     *
     * @return the message, with the queue's reference to it; null if there is none so far
     */
    @Nullable
    synchronized SendBuffer takeExpiredBehind() {
        Overrun ours = overrun;
        if (closed || ours == null || ours.expiries == null) {
            return null;
        }
        long number = ours.expiries.find(this, AttributedSlice.nowMillis());
        if (number < 0) {
            return null;
        }
        noteTakenOut(number, ours);
        return removeExpired(number, ours);
    }

    /** Before a message with a time is queued, in whatever place. */
    final void noteExpiring(int deadlineMillis, Overrun ours) {
        if (ours.expiries == null) {
            ours.expiries = ExpirySearch.createIfPossible(expiring);
        }
        if (ours.expiries != null) {
            ours.expiries.added(deadlineMillis, this);
        }
        expiring = true;
        attentive = true; // for the drainer
    }

    /** Then it is to be dropped before the next message is taken, as it is released under no lock. */
    final boolean isFirstExpired() {
        SendBuffer message = peek(0);
        if (message == null || !message.isExpired(AttributedSlice.nowMillis())) {
            return false;
        }
        noticeDue = true;
        attentive = true;
        return true;
    }

    /** A hint. */
    boolean mayExpireVolatile() {
        return expiring;
    }

    // ---- notices

    /** Where a notice goes before the next message. */
    final long gapNumber() {
        return attentive && overrun != null ? overrun.placeOfNotice() : Long.MAX_VALUE;
    }

    final void noticeIfReached(long gap) {
        if (firstNumber() >= gap && !(isEmpty() && isPutBack())) {
            noticeDue = true;
            attentive = true;
        }
    }

    /**
     * What was lost and is to be noticed of, before the next message; null if nothing was. By the drainer; see
     * {@link Overrun}.
     */
    @Nullable
    synchronized DueNotice takeNotice() {
        noticeDue = false;
        Overrun ours = overrun;
        GapNotice factory = ours == null ? null : ours.notice();
        Gap gap = ours == null || factory == null ? null : ours.takeGap(firstNumber());
        return gap == null || factory == null ? null : new DueNotice(factory, gap);
    }

    private boolean isPutBack() {
        return overrun != null && overrun.isPutBack();
    }

    /** No notice was made: it is asked for again, before the next message that comes. */
    synchronized void putBack(DueNotice due) {
        if (!closed && overrun != null && overrun.notice() == due.factory) {
            overrun.putBack(due.gap, nextNumber());
            lookBeyond();
        }
    }

    /** A notice that is to be made. */
    record DueNotice(GapNotice factory, Gap gap) {
        @Nullable
        SendBuffer make() {
            return factory.noticeOf(gap);
        }
    }

    boolean isNoticeDueVolatile() {
        return noticeDue;
    }

    /** A notice is to go into the drainer's window, whatever the limits. False if the queue ended meanwhile. */
    synchronized boolean countNotice(int length) {
        if (!closed) {
            queuedBytes += length;
            insertedBytes += length;
            queuedMessages++;
            overrunOfOurs().noticed();
            measure();
        }
        return !closed;
    }

    // ---- counts

    final DroppedMessages droppedByReason() {
        return overrun == null ? DroppedMessages.NONE : overrun.droppedByReason();
    }

    synchronized long droppedMessages() {
        return overrun == null ? 0 : overrun.droppedMessages();
    }

    synchronized long droppedBytes() {
        return overrun == null ? 0 : overrun.droppedBytes();
    }

    synchronized long expiredMessages() {
        return overrun == null ? 0 : overrun.expiredMessages();
    }

    final void compactIfSparse(Overrun ours) {
        if (isSparse()) {
            ours.forgetHoles(this);
            compactInOrder();
            ours.conflater.renumbered(this);
        }
    }

    static SendBuffer there(@Nullable SendBuffer message) {
        if (message == null) {
            throw new AssertionError("no message where one waits");
        }
        return message;
    }
}
