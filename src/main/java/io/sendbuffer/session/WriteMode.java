/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

/** Which thread writes to a session's channel, on a {@link SendLoop} or in {@link BlockingSessions}. */
public enum WriteMode {
    /**
     * The thread that sends, unless another one is writing to that channel already. Lowest latency for a message on its
     * own; the sender pays for the system call. When its turn is over ({@link SessionBuilder#writeQuantum}), the loop
     * takes over; with a blocking channel there is none, and the sender waits for the peer, for what others send
     * meanwhile too.
     */
    INLINE,

    /**
     * The loop's thread, or, with a blocking channel, a thread of the session's own, for everything that was queued
     * until it comes to it: smart batching. The sender pays for the queue alone, and under load many messages leave in
     * one write.
     */
    LOOP
}
