/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

/**
 * Is notified when a member of a {@link SessionGroup} cannot keep up: once when that begins, and once when it is over.
 *
 * <p>An episode begins with the first message or batch of the group that a member's full queue refuses. It ends when
 * the member accepts one again while its queue is at most half full (in bytes, and in messages), when the member leaves
 * the group, or when its session ends. Each episode has one {@link #onRefused}, followed by one
 * {@link #onRefusalsEnded}; an episode that begins again before the listener was notified of its end continues instead.
 *
 * <p>Within an episode the group parks the member: what it sends is not offered, and counts as missed, small messages
 * too, until the session is writable again. See {@link SessionGroup}. A member that never keeps up has one episode
 * after another, each as long as its queue takes to fall to the low watermark.
 *
 * <p>Both calls come soon, on the thread that makes the session's callbacks, in order with these and before
 * {@link SessionListener#onClosed}; never within the broadcast, and under no lock of this library. They may send,
 * broadcast, close, and join or leave groups, and must not block. What they throw ends the session with that cause; if
 * the session ended already, the error handler gets it.
 *
 * <p>A message that could never fit into the member's queue is no refusal and begins no episode; within one, while the
 * member is parked, it counts. A group that nothing refers to any more makes no further calls.
 */
@FunctionalInterface
public interface RefusalListener {
    /**
     * The session's queue was too full for something that the group sent. To drop those that do not read, use
     * {@code Session::abort}.
     */
    void onRefused(Session session);

    /**
     * The episode is over. The session has caught up, and may now be sent what replaces the messages that it missed; or
     * it left the group, or ended: see {@link Session#isClosed()}.
     *
     * @param missedMessages the messages of the group that were refused in this episode, or not offered, 1 or more; of
     *     a batch, each
     * @param missedBytes the bytes of these messages
     */
    default void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {}
}
