/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/** Makes the message that says in the stream of one subscriber what it missed; see {@link OverrunPolicy#skip}. */
@FunctionalInterface
public interface GapNotice {
    /**
     * Makes the notice. Called on the thread that writes to the subscriber, under no lock of this library. What this
     * throws ends the subscriber's queue: a pool that is exhausted, for instance, where {@code tryAcquire} would return
     * null.
     *
     * @return a sealed buffer, whose reference becomes the subscription's, so that the caller does not release it, to
     *     be sent where the messages are missing; null for none
     */
    @Nullable
    SendBuffer noticeOf(LogGap gap);
}
