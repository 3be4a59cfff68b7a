/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * What {@link SendQueue#offer} did with a message: an expected outcome, never an exception.
 *
 * <p>Of a message that was {@linkplain #isRefused() refused} nothing was queued or retained. The receiver is slow: drop
 * the message, drop the receiver, or offer again later. After each refusal but that for want of heap memory the queue
 * counts as above its high watermark, so what tells that it fell below the low one tells when to offer again.
 */
public enum OfferResult {
    /**
     * The queue holds a reference of its own: it writes the message, in order, or releases it when the queue ends, or
     * drops it under {@link OverrunPolicy#skip()}, or because a newer one of its key replaces it or its time is over.
     */
    QUEUED,

    /** The message would have passed {@link QueueLimits#maxQueuedBytes}. */
    REFUSED_BYTES,

    /** The message would have passed {@link QueueLimits#maxQueuedMessages}. */
    REFUSED_MESSAGES,

    /**
     * The pool has little memory left, and the queue holds as much of it as one may at the moment: see
     * {@link SendBufferPool.Builder#queueShare}.
     */
    REFUSED_BUDGET,

    /** The queue has held more than its {@link QueueLimits#softLimit} for longer than it may. */
    REFUSED_SOFT_LIMIT,

    /** A message has waited for longer than {@link QueueLimits#maxAge}. */
    REFUSED_AGE,

    /**
     * The message is {@link MessageClass#EXPENDABLE}, and the queue above its watermarks, or without room for it: the
     * receiver does without it.
     */
    REFUSED_EXPENDABLE,

    /** The heap has no room for the queue to grow. */
    REFUSED_HEAP,

    /**
     * The queue was closed or finishes, or its channel failed. Nothing was queued or retained, and nothing will be any
     * more.
     */
    CLOSED,

    /**
     * The message, or the batch, is larger than all that the queue may hold: it would be refused even if nothing
     * waited. Nothing was queued or retained. The receiver is not to blame: send less at once, or raise
     * {@link QueueLimits}.
     */
    TOO_LARGE;

    /** True if a limit of the queue refused the message, not the heap, so that a policy has to make room. */
    boolean isFull() {
        return isRefused() && this != REFUSED_HEAP && this != REFUSED_EXPENDABLE;
    }

    /** True if a limit refused the message for now: it may be accepted when the receiver has caught up. */
    public boolean isRefused() {
        return switch (this) {
            case REFUSED_BYTES,
                    REFUSED_MESSAGES,
                    REFUSED_BUDGET,
                    REFUSED_SOFT_LIMIT,
                    REFUSED_AGE,
                    REFUSED_EXPENDABLE,
                    REFUSED_HEAP -> true;
            case QUEUED, CLOSED, TOO_LARGE -> false;
        };
    }
}
