/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** Is notified when a message has done its work; see {@link SendBuffer#onRelease}. */
@FunctionalInterface
public interface ReleaseListener {
    /**
     * The last reference of the message was released and its memory is back. Called once for each message, on the
     * thread that released it last, which may be a sender, a loop, a thread that closed a session, or one whose acquire
     * ended a slow consumer; under no lock of this library, but under those that this thread holds in the application.
     * Keep it short, and do not block: a loop waits for it. What it throws goes to the pool's error handler.
     *
     * <p>It may call anything here, and send. It is never called inside another listener: when a listener releases a
     * message for the last time, that message's listener is called on the same thread after the first one has returned,
     * so do not wait for it.
     *
     * @param unwritten how many queues had accepted the message and ended before it was written to the end, or lost it:
     *     dropped it, replaced it by a newer one of its key, or found that its time was over; 0: it was written to
     *     every receiver that accepted it. Receivers that refused it do not count here: the result of the send reported
     *     them. For a message that a {@link SendBatch} merged with its neighbors: how many ended before the last of
     *     these was written to the end. Subscribers of a {@link BroadcastLog} that were overrun do not count either:
     *     their policy has said so
     */
    void onReleased(int unwritten);
}
