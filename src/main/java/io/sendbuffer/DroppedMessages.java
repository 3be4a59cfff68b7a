/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * How many messages a queue has dropped under {@link OverrunPolicy#skip()}, by the reason; each message counts once,
 * those that a batch has merged too. What a newer message has replaced, what has expired, and what the end of the queue
 * left unwritten is not here: {@link QueueStats} counts each of these by itself.
 *
 * @param bytes the oldest, to make room where {@link QueueLimits#maxQueuedBytes} would have been passed; others too,
 *     where the heap has no room to count them by their reason
 * @param messages the oldest, where {@link QueueLimits#maxQueuedMessages} would have been passed
 * @param budget the oldest, where the queue's share of the pool would have been passed, see
 *     {@link SendBufferPool.Builder#queueShare}
 * @param softLimit the oldest, since the queue has held more than its {@link QueueLimits#softLimit} for too long
 * @param age those that have waited for longer than {@link QueueLimits#maxAge}, expendable or not
 * @param expendable those of {@link MessageClass#EXPENDABLE}, whichever limit made it necessary, except their age
 */
public record DroppedMessages(long bytes, long messages, long budget, long softLimit, long age, long expendable) {
    /** None yet. */
    static final DroppedMessages NONE = new DroppedMessages(0, 0, 0, 0, 0, 0);

    /**
     * By the ordinals of the reasons.
     *
     * @param counts of all reasons but the bytes; null if there is no other
     */
    @SuppressWarnings("EnumOrdinal")
    static DroppedMessages of(long total, long @Nullable [] counts) {
        if (counts == null) {
            return total == 0 ? NONE : new DroppedMessages(total, 0, 0, 0, 0, 0);
        }
        long others = 0;
        for (long count : counts) {
            others += count;
        }
        return new DroppedMessages(
                total - others,
                counts[OfferResult.REFUSED_MESSAGES.ordinal()],
                counts[OfferResult.REFUSED_BUDGET.ordinal()],
                counts[OfferResult.REFUSED_SOFT_LIMIT.ordinal()],
                counts[OfferResult.REFUSED_AGE.ordinal()],
                counts[OfferResult.REFUSED_EXPENDABLE.ordinal()]);
    }

    /** All of them. */
    public long total() {
        return bytes + messages + budget + softLimit + age + expendable;
    }
}
