/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/** Makes the message that says in the stream of one receiver what it missed; see {@link OverrunPolicy#skip}. */
@FunctionalInterface
public interface GapNotice {
    /**
     * Makes the notice. Called on the thread that writes to the receiver, under no lock of this library. What this
     * throws ends the receiver's queue: a pool that is exhausted, for instance, where {@code tryAcquire} would return
     * null. The notice is sent whatever the limits of a queue.
     *
     * @return a sealed buffer, whose reference becomes the receiver's, so that the caller does not release it, to be
     *     sent where the messages are missing; null for none at this time: in a queue what was lost stays counted, and
     *     the notice is asked for again before the next message that is sent after those that wait now; of a log the
     *     gap is not reported any more
     */
    @Nullable
    SendBuffer noticeOf(Gap gap);
}
