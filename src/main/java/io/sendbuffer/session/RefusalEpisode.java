/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * What one group's messages met at one session's full queue: whether an episode is open, what it missed so far, and of
 * what the listener has to be notified. Guarded by the session's {@link Memberships}.
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

    /** Set while something is due: what happened is delivered, also if the group is dropped meanwhile. */
    private @Nullable RefusalListener listener;

    // The places in the lists of Refusals, which alone uses them.
    @Nullable
    RefusalEpisode olderOpen;

    @Nullable
    RefusalEpisode newerOpen;

    @Nullable
    RefusalEpisode nextDue;

    private boolean open;
    private boolean beginningDue;
    private boolean endDue;
    private long missedMessages;
    private long missedBytes;

    RefusalEpisode(SessionGroup group) {
        this.group = new WeakReference<>(group);
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

    /** Counts what was refused, and opens the episode if it is not open. */
    void refused(RefusalListener notified, int messages, long bytes) {
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
            beginningDue = true;
        }
    }

    /** Closes the episode if it is open. */
    void end() {
        if (!open) {
            return;
        }
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
