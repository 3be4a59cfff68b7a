/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** What {@link SendQueue#offer} did with a message: an expected outcome, never an exception. */
public enum OfferResult {
    /** The queue holds a reference of its own: it writes the message, in order, or releases it when the queue ends. */
    QUEUED,

    /**
     * The message would have passed the hard limit on queued bytes or queued messages, or the heap has no room for the
     * queue to grow. Nothing was queued or retained. The receiver is slow: drop the message, drop the receiver, or
     * offer again later.
     */
    REFUSED,

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
    TOO_LARGE
}
