/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import org.jspecify.annotations.Nullable;

/**
 * The episodes of one session that are open, and those of which a listener has to be notified: run by the session's
 * delivery. Made by the session's first refusal. All but {@link #run()} and {@link #deliverLast()} is called under the
 * lock. Both lists go through the episodes themselves, so that the end of a session needs no memory.
 */
final class Refusals implements Runnable {
    private static final int LOOKS = 2;

    private final Session session;

    /** The session's {@link Memberships}. */
    private final Object lock;

    // Guarded by the lock.
    private @Nullable RefusalEpisode newestOpen;
    private @Nullable RefusalEpisode nextLook;
    private @Nullable RefusalEpisode oldestDue;
    private @Nullable RefusalEpisode newestDue;
    private boolean scheduled;

    Refusals(Session session, Object lock) {
        this.session = session;
        this.lock = lock;
    }

    /** Returns true if the caller has to see to the delivery, as the next two do. */
    boolean refused(RefusalEpisode episode, @Nullable RefusalListener listener, int messages, long bytes) {
        if (episode.isOpen()) {
            episode.refused(listener, messages, bytes);
            return false;
        }
        addOpen(episode);
        boolean queued = episode.isDue();
        episode.refused(listener, messages, bytes);
        return episode.isDue() && !queued && addDue(episode);
    }

    boolean end(RefusalEpisode episode) {
        if (!episode.isOpen()) {
            return false;
        }
        removeOpen(episode);
        boolean queued = episode.isDue();
        episode.end();
        return episode.isDue() && !queued && addDue(episode);
    }

    boolean endAll() {
        boolean deliver = false;
        while (newestOpen != null) {
            deliver |= end(newestOpen);
        }
        return deliver;
    }

    /** Of those that are parked all are open. */
    void unparkAll() {
        for (RefusalEpisode episode = newestOpen; episode != null; episode = episode.olderOpen) {
            episode.unpark();
        }
    }

    private void addOpen(RefusalEpisode episode) {
        forgetDroppedGroups();
        RefusalEpisode older = newestOpen;
        episode.olderOpen = older;
        if (older != null) {
            older.newerOpen = episode;
        }
        newestOpen = episode;
        session.setRefusingOpaque(true);
    }

    /** Looks at a few for each that is opened, so a session that is never caught up does not keep more and more. */
    private void forgetDroppedGroups() {
        for (int i = 0; i < LOOKS; i++) {
            RefusalEpisode looked = nextLook != null ? nextLook : newestOpen;
            if (looked == null) {
                return;
            }
            nextLook = looked.olderOpen;
            if (looked.hasNoListener()) {
                removeOpen(looked);
            }
        }
    }

    private void removeOpen(RefusalEpisode episode) {
        RefusalEpisode older = episode.olderOpen;
        RefusalEpisode newer = episode.newerOpen;
        if (nextLook == episode) {
            nextLook = older;
        }
        episode.olderOpen = null;
        episode.newerOpen = null;
        if (older != null) {
            older.newerOpen = newer;
        }
        if (newer != null) {
            newer.olderOpen = older;
        } else {
            newestOpen = older;
        }
        session.setRefusingOpaque(newestOpen != null);
    }

    private boolean addDue(RefusalEpisode episode) {
        if (newestDue == null) {
            oldestDue = episode;
        } else {
            newestDue.nextDue = episode;
        }
        newestDue = episode;
        boolean first = !scheduled;
        scheduled = true;
        return first;
    }

    private @Nullable RefusalEpisode pollDue() {
        RefusalEpisode oldest = oldestDue;
        if (oldest == null) {
            scheduled = false;
            return null;
        }
        oldestDue = oldest.nextDue;
        oldest.nextDue = null;
        if (oldestDue == null) {
            newestDue = null;
        }
        return oldest;
    }

    /** Makes the calls that are due. What one throws ends the session, which makes the rest. */
    @Override
    public void run() {
        RefusalEpisode.Notice notice;
        while ((notice = takeNotice()) != null) {
            notice.deliverTo(session);
        }
    }

    /** The same for a session that ended. */
    void deliverLast() {
        boolean more = true;
        while (more) {
            try {
                RefusalEpisode.Notice notice = takeNotice();
                more = notice != null;
                if (notice != null) {
                    notice.deliverTo(session);
                }
            } catch (Throwable e) {
                session.settings.report(e);
            }
        }
    }

    private RefusalEpisode.@Nullable Notice takeNotice() {
        synchronized (lock) {
            RefusalEpisode episode;
            while ((episode = pollDue()) != null) {
                RefusalEpisode.Notice notice = episode.takeNotice();
                if (notice != null) {
                    return notice;
                }
            }
            return null;
        }
    }
}
