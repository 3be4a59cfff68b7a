/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * What one group's messages met at one session's full queue: whether an episode is open, what it missed so far, and of
 * what the listener has to be notified. Guarded by the session's {@link Memberships}, but for what broadcasts skip.
 *
 * <p>Broadcasts do not visit a member that is parked: they count once for many such members what they skip, in the step
 * in which they look whether it is, see {@link Members#skip}. The thread that unparks takes these counts in the step
 * that ends it, so each message is counted, or its broadcast finds the member not parked and visits it.
 *
 * <p>The end of an episode that was not delivered yet is taken back by the next refusal, so the listener sees a
 * beginning and an end in that order, however late it is called, and what is kept does not grow.
 */
final class RefusalEpisode {
    /** A call to make, or two. */
    record Notice(RefusalListener listener, boolean isBeginning, boolean isEnd, long missedMessages, long missedBytes) {
        void deliverTo(Session session) {
            try {
                if (isBeginning) {
                    listener.onRefused(session);
                }
            } finally {
                if (isEnd) {
                    listener.onRefusalsEnded(session, missedMessages, missedBytes);
                }
            }
        }
    }

    /** Weak, as a session keeps no group alive. */
    private final WeakReference<SessionGroup> group;

    private final @Nullable Membership membership;

    /** Set while something is due: what happened is delivered, also if the group is dropped meanwhile. */
    private @Nullable RefusalListener listener;

    // The places in the lists of Refusals, which alone uses them.
    @Nullable
    RefusalEpisode olderOpen;

    @Nullable
    RefusalEpisode newerOpen;

    @Nullable
    RefusalEpisode nextDue;

    /**
     * Guarded by the group's lock: what was skipped and is not in the counts below; while the member is parked, less
     * what its block had skipped before.
     */
    long skippedMessages;

    long skippedBytes;

    private boolean open;
    private boolean beginningDue;
    private boolean endDue;
    private long missedMessages;
    private long missedBytes;

    RefusalEpisode(SessionGroup group, Membership membership) {
        this(new WeakReference<>(group), membership);
    }

    private RefusalEpisode(WeakReference<SessionGroup> group, @Nullable Membership membership) {
        this.group = group;
        this.membership = membership;
    }

    /** For a rehearsal. */
    static RefusalEpisode ofNoGroup() {
        return new RefusalEpisode(new WeakReference<>(null), null);
    }

    boolean isOpen() {
        return open;
    }

    /** No listener has to be notified, now or later: all have dropped the group, and with it its listener. */
    boolean hasNoListener() {
        return listener == null && group.refersTo(null);
    }

    /** True if it waits to be taken: once it has something to be notified of, until then. */
    boolean isDue() {
        return listener != null;
    }

    // ---- being parked

    /** Does nothing if the member is not parked. What it missed is counted here then. */
    void unpark() {
        SessionGroup alive = group.get();
        if (alive != null && membership != null) {
            alive.unpark(membership, this);
        }
    }

    /**
     * Under the group's lock too. The stack may end at a call: none comes between the step that takes the counts and
     * those that keep them.
     */
    void takeSkipped() {
        missedMessages += skippedMessages;
        missedBytes += skippedBytes;
        skippedMessages = 0;
        skippedBytes = 0;
    }

    // ---- the episode

    /** Counts what was refused, and opens the episode if it is not open. */
    void refused(@Nullable RefusalListener notified, int messages, long bytes) {
        missedMessages += messages;
        missedBytes += bytes;
        if (open) {
            return;
        }
        open = true;
        listener = notified;
        if (endDue) {
            endDue = false; // not delivered yet: the episode continues
        } else {
            beginningDue = notified != null;
        }
    }

    /** Closes the episode if it is open. The member is not parked any more. */
    void end() {
        if (!open) {
            return;
        }
        unpark();
        open = false;
        SessionGroup alive = group.get();
        if (alive != null) {
            listener = alive.refusalListener();
        }
        if (listener == null) {
            forget();
        } else {
            endDue = true;
        }
    }

    /** Takes what is due; null if nothing is. */
    @Nullable
    Notice takeNotice() {
        RefusalListener notified = listener;
        listener = null;
        if (notified == null || !(beginningDue || endDue)) {
            return null; // the end was taken back
        }
        Notice notice = new Notice(notified, beginningDue, endDue, missedMessages, missedBytes);
        beginningDue = false;
        if (endDue) {
            endDue = false;
            forget();
        }
        return notice;
    }

    private void forget() {
        missedMessages = 0;
        missedBytes = 0;
    }
}
