/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** What a {@link SendQueue} at its limits may do with a message; see {@link SendBuffer#messageClass}. */
public enum MessageClass {
    /**
     * What the protocol needs, such as an answer or a heartbeat: never dropped to make room, and taken beyond the hard
     * limits, into the {@linkplain QueueLimits#controlReserveBytes() control reserve}, where no other message goes.
     */
    CONTROL,

    /** What a message is unless something else is said: the limits and the {@link OverrunPolicy} decide. */
    NORMAL,

    /**
     * What a receiver that is behind does without: refused with {@link OfferResult#REFUSED_EXPENDABLE} while the queue
     * is not {@linkplain SendQueue#isWritable() writable}, or has no room for it, so that the room that is left is for
     * the other messages; and the first to be dropped under {@link OverrunPolicy#skip()}.
     */
    EXPENDABLE
}
