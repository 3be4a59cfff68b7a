/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The groups that a session is in. The keys are weak, so that the session does not keep a group that all others have
 * dropped, and what is left of such groups goes little by little, with later joins and leaves.
 *
 * <p>This object is the lock of all that it keeps. A group's lock may be taken within it; callbacks and a delivery are
 * made outside.
 */
final class Memberships {
    /** A table that never had more memberships than this is not worth being made smaller. */
    private static final int SMALL = 64;

    private final Session session;

    // Guarded by this.
    private @Nullable Map<SessionGroup, Membership> byGroup;
    private int maxSize;
    private @Nullable Refusals refusals;

    Memberships(Session session) {
        this.session = session;
    }

    /**
     * Becomes a member, unless the session ends: then perhaps no thread would take it out again.
     *
     * @return false if it is a member already, or ended
     */
    synchronized boolean join(SessionGroup group) {
        if (!session.isOpen()) {
            return false;
        }
        Map<SessionGroup, Membership> groups = trimmed();
        if (groups.containsKey(group)) {
            return false;
        }
        Membership membership = new Membership(session);
        groups.put(group, membership);
        boolean inserted = false;
        try {
            group.insert(membership);
            inserted = true;
        } finally {
            if (!inserted) {
                groups.remove(group); // no memory: no thread would ever take it out
            }
        }
        maxSize = Math.max(maxSize, groups.size());
        return true;
    }

    /**
     * Is no member any more. An episode of refusals ends.
     *
     * @return false if it was none
     */
    boolean leave(SessionGroup group) {
        Refusals toDeliver;
        synchronized (this) {
            if (byGroup == null) {
                return false;
            }
            Membership membership = trimmed().remove(group);
            if (membership == null) {
                return false;
            }
            group.take(membership);
            toDeliver = membership.episode != null && endEpisode(membership.episode) ? refusals : null;
        }
        deliverSoon(toDeliver);
        return true;
    }

    /**
     * The session ended: leaves all groups, and makes the calls that are due, on the thread that makes its callbacks.
     */
    void leaveAll() {
        Refusals last;
        synchronized (this) {
            if (byGroup != null) {
                byGroup.forEach(SessionGroup::take);
                byGroup = null;
            }
            last = refusals;
            if (last != null) {
                last.endAll();
            }
        }
        if (last != null) {
            last.deliverLast();
        }
    }

    // ---- refusals

    /** A group's message, or batch, was refused. */
    void refused(SessionGroup group, @Nullable RefusalListener listener, int messages, long bytes) {
        refused(group, listener, messages, bytes, false, 0);
    }

    /**
     * A group's message, or batch, was refused because the queue is full: parks the member, unless the session was
     * unparked since the caller looked, before its offer.
     *
     * @param unparksBefore what {@link Session#unparksVolatile} returned then
     */
    void refusedFully(
            SessionGroup group, @Nullable RefusalListener listener, int messages, long bytes, int unparksBefore) {
        refused(group, listener, messages, bytes, true, unparksBefore);
    }

    private void refused(
            SessionGroup group,
            @Nullable RefusalListener listener,
            int messages,
            long bytes,
            boolean parks,
            int unparksBefore) {
        Refusals toDeliver;
        synchronized (this) {
            Membership membership = byGroup == null ? null : byGroup.get(group);
            if (membership == null) {
                return; // it has left, or ended, meanwhile
            }
            RefusalEpisode episode = membership.episode;
            if (episode == null) {
                episode = new RefusalEpisode(group, membership);
                membership.episode = episode;
            }
            if (refusals == null) {
                refusals = new Refusals(session, this);
            }
            toDeliver = refusals.refused(episode, listener, messages, bytes) ? refusals : null;
            if (parks && session.unparksVolatile() == unparksBefore) {
                session.setParkedVolatile(true);
                if (!session.queue.isWritable()) { // else it has fallen, and whoever saw that may count on a visit
                    group.park(membership, episode);
                }
            }
        }
        deliverSoon(toDeliver);
    }

    /**
     * The queue has become writable, or its limits or its policy have changed: broadcasts of all groups visit the
     * session again. Episodes stay open. After what changed the queue; needs no memory.
     */
    synchronized void unpark() {
        session.countUnparkVolatile();
        if (refusals != null) {
            refusals.unparkAll();
        }
        session.setParkedVolatile(false); // last: a thread that sees it need not wait for this one
    }

    /** The queue has accepted something and has caught up: the episodes of all groups end. */
    void caughtUp() {
        Refusals toDeliver;
        synchronized (this) {
            toDeliver = refusals != null && refusals.endAll() ? refusals : null;
        }
        deliverSoon(toDeliver);
    }

    private boolean endEpisode(RefusalEpisode episode) {
        return refusals != null && refusals.end(episode);
    }

    private void deliverSoon(@Nullable Refusals due) {
        if (due == null) {
            return;
        }
        try {
            session.deliver(due);
        } catch (Throwable e) {
            session.end(e); // its end makes the calls that are due
        }
    }

    /**
     * The groups, in a table that is not much larger than what is left in it. It is made anew only when seven of eight
     * have gone: once for as many joins.
     */
    private Map<SessionGroup, Membership> trimmed() {
        Map<SessionGroup, Membership> groups = byGroup;
        if (groups == null) {
            groups = new WeakHashMap<>(2);
        } else if (maxSize > SMALL && groups.size() < maxSize / 8) {
            groups = new WeakHashMap<>(groups);
            maxSize = groups.size();
        }
        byGroup = groups;
        return groups;
    }
}
