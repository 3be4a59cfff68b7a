/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * How many offers a queue has refused, by the reason that the sender got. An offer is one message, or one batch. What
 * was refused at first and had room then, since a policy dropped older messages, does not count, nor what came after
 * the end.
 *
 * @param bytes {@link OfferResult#REFUSED_BYTES}
 * @param messages {@link OfferResult#REFUSED_MESSAGES}
 * @param budget {@link OfferResult#REFUSED_BUDGET}
 * @param softLimit {@link OfferResult#REFUSED_SOFT_LIMIT}
 * @param age {@link OfferResult#REFUSED_AGE}
 * @param expendable {@link OfferResult#REFUSED_EXPENDABLE}
 * @param heap {@link OfferResult#REFUSED_HEAP}; where the heap has no room to count it, it is missing
 * @param tooLarge {@link OfferResult#TOO_LARGE}
 */
public record RefusedOffers(
        long bytes, long messages, long budget, long softLimit, long age, long expendable, long heap, long tooLarge) {
    /** None yet. */
    static final RefusedOffers NONE = new RefusedOffers(0, 0, 0, 0, 0, 0, 0, 0);

    /** By the ordinals of the reasons. */
    @SuppressWarnings("EnumOrdinal")
    static RefusedOffers of(long[] counts) {
        return new RefusedOffers(
                counts[OfferResult.REFUSED_BYTES.ordinal()],
                counts[OfferResult.REFUSED_MESSAGES.ordinal()],
                counts[OfferResult.REFUSED_BUDGET.ordinal()],
                counts[OfferResult.REFUSED_SOFT_LIMIT.ordinal()],
                counts[OfferResult.REFUSED_AGE.ordinal()],
                counts[OfferResult.REFUSED_EXPENDABLE.ordinal()],
                counts[OfferResult.REFUSED_HEAP.ordinal()],
                counts[OfferResult.TOO_LARGE.ordinal()]);
    }

    /** How many offers one of the queue's limits refused: for bytes, messages, budget, soft limit and age. */
    public long byLimits() {
        return bytes + messages + budget + softLimit + age;
    }

    /** All of them. */
    public long total() {
        return byLimits() + expendable + heap + tooLarge;
    }
}
