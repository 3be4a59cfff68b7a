/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.ArrayListUtil;
import org.jspecify.annotations.Nullable;

/** The sessions of a loop, and those of them whose clock runs. Owned by the loop's thread. */
final class LoopSessions {
    private static final long NANOS_BETWEEN_MENDS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How often a session tries again to connect to a socket whose backlog is full. */
    private static final long NANOS_BETWEEN_CONNECTS = TimeUnit.MILLISECONDS.toNanos(10);

    private final SendLoop loop;
    private final ArrayList<LoopSession> all = new ArrayList<>();
    private final ArrayList<LoopSession> watched = new ArrayList<>();
    /** Those whose flush has to wait for its time, the next one first. */
    private final Deadlines<LoopSession> toFlush = new Deadlines<>();

    /** The clocks of silence, apart from the others, as all sessions may have one. The next one to look at is first. */
    private final Deadlines<SessionActivity> silences = new Deadlines<>();

    private long mendedAtNanos = System.nanoTime();

    /** When the first of the watched clocks is due; of no meaning if none is watched. */
    private long dueAtNanos;

    LoopSessions(SendLoop loop) {
        this.loop = loop;
    }

    void add(LoopSession session) {
        all.add(session); // if there is no memory, it has no place that it could be taken from
        session.index = all.size() - 1;
    }

    /** Takes a session out, if it was ever added. */
    void remove(LoopSession session) {
        toFlush.remove(session);
        SessionActivity activity = session.activityIfAny();
        if (activity != null) {
            silences.remove(activity);
        }
        int index = session.index;
        if (index < 0) {
            return;
        }
        session.index = -1;
        LoopSession last = all.remove(all.size() - 1);
        if (last != session) {
            all.set(index, last);
            last.index = index;
        }
    }

    /**
     * Serves the sessions that were taken from the pending list, each whatever the others throw.
     *
     * @return how many there were
     */
    int serveAll(@Nullable LoopSession first, Selector selector) {
        int count = 0;
        LoopSession session = first;
        while (session != null) {
            LoopSession next = session.nextPending;
            session.nextPending = null;
            try {
                session.serve(selector);
            } catch (Throwable e) { // the others are on no list any more: they must not be lost with this one
                loop.report(e);
            }
            session = next;
            count++;
        }
        return count;
    }

    /** Closes each, whatever the others throw. */
    void closeAll() {
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                all.get(i).close();
            } catch (Throwable e) {
                loop.report(e);
            }
        }
    }

    /** Ends each with the cause, or, if there is none, since it has not closed in time. Whatever the others throw. */
    void endAll(@Nullable Throwable cause) {
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                end(all.get(i), cause);
            } catch (Throwable e) {
                loop.report(e);
            }
        }
    }

    private static void end(LoopSession session, @Nullable Throwable cause) {
        if (cause == null) {
            session.watch.endLate();
        } else {
            session.end(cause);
        }
    }

    /** Sees to the clocks of a session, if any runs, and to their being looked at in time. */
    void watchIfNeeded(LoopSession session) {
        long now = System.nanoTime();
        long left = nanosLeft(session, now);
        SessionActivity activity = session.activityIfAny();
        if (activity != null) {
            lookAgain(activity, now);
        }
        if (left == SessionTimeouts.NEVER) {
            return;
        }
        if (watched.isEmpty() || now + left - dueAtNanos < 0) {
            dueAtNanos = now + left;
        }
        if (!session.watched) {
            watched.add(session);
            session.watched = true;
        }
    }

    /** Sees to a look at clocks of silence in time; one that is to come earlier may stay, and looks again then. */
    private void lookAgain(SessionActivity activity, long now) {
        long left = activity.nanosLeft(now);
        if (left == SessionTimeouts.NEVER || !activity.session.isOpen()) {
            return;
        }
        long at = now + Math.max(1, left);
        if (activity.place() != Deadlines.NOWHERE) {
            if (activity.atNanos() - at <= 0) {
                return;
            }
            silences.remove(activity);
        }
        activity.lookAt(at);
        silences.add(activity);
    }

    private void lookAtSilences(long now) {
        SessionActivity first;
        while ((first = silences.first()) != null && now - first.atNanos() >= 0) {
            watchIfNeeded((LoopSession) first.session); // if that fails, it is tried again
            silences.remove(first);
            lookAgain(first, now);
        }
    }

    private static long nanosLeft(LoopSession session, long now) {
        long left = session.watch.check(now);
        return session.waitsForBacklog() ? Math.min(left, NANOS_BETWEEN_CONNECTS) : left;
    }

    /** Has a session flushed when its time has come, at the latest. */
    void flushLater(LoopSession session, long nanos) {
        long at = System.nanoTime() + nanos;
        if (session.place() != Deadlines.NOWHERE) {
            if (session.atNanos() - at <= 0) {
                return; // it looks again then
            }
            toFlush.remove(session);
        }
        session.flushAtNanos = at;
        toFlush.add(session);
    }

    private void flushDue(long now) {
        LoopSession first;
        while ((first = toFlush.first()) != null && now - first.flushAtNanos >= 0) {
            toFlush.remove(first);
            first.flushWhenDue();
            watchIfNeeded(first);
        }
    }

    /** How long the loop may sleep before a clock is due, at most as long as given. */
    long nanosToSleep(long maxNanos) {
        LoopSession first = toFlush.first();
        SessionActivity silent = silences.first();
        if (watched.isEmpty() && first == null && silent == null) {
            return maxNanos;
        }
        long now = System.nanoTime();
        long nanos = watched.isEmpty() ? maxNanos : Math.min(maxNanos, dueAtNanos - now);
        nanos = silent == null ? nanos : Math.min(nanos, silent.atNanos() - now);
        return Math.max(0, first == null ? nanos : Math.min(nanos, first.flushAtNanos - now));
    }

    /** Looks at the clocks that are due, and from time to time for sessions that an Error has left half done. */
    void watch() {
        long now = System.nanoTime();
        flushDue(now);
        lookAtSilences(now);
        if (!watched.isEmpty() && now - dueAtNanos >= 0) {
            watch(now);
        }
        if (now - mendedAtNanos >= NANOS_BETWEEN_MENDS) {
            mendedAtNanos = now;
            for (int i = all.size() - 1; i >= 0; i--) {
                all.get(i).watch.mend();
            }
        }
    }

    private void watch(long now) {
        long next = SessionTimeouts.NEVER;
        for (int i = watched.size() - 1; i >= 0; i--) {
            LoopSession session = watched.get(i);
            if (session.waitsForBacklog()) {
                loop.requestService(session); // connects again
            }
            long left = nanosLeft(session, now);
            if (left == SessionTimeouts.NEVER) {
                session.watched = false;
                ArrayListUtil.fastUnorderedRemove(watched, i);
            } else {
                next = Math.min(next, left);
            }
        }
        dueAtNanos = now + Math.min(next, Long.MAX_VALUE >> 1);
    }
}
