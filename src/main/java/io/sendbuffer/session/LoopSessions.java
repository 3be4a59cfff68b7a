package io.sendbuffer.session;

import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.collections.ArrayListUtil;

/** The sessions of a loop, and those of them whose clock runs. Owned by the loop's thread. */
final class LoopSessions {
    private static final long NANOS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long NANOS_BETWEEN_LOOKS_THROUGH_ALL = TimeUnit.MILLISECONDS.toNanos(500);

    private final ArrayList<LoopSession> all = new ArrayList<>();
    private final ArrayList<LoopSession> watched = new ArrayList<>();
    private long watchedAtNanos = System.nanoTime();
    private long lookedThroughAtNanos = watchedAtNanos;

    void add(LoopSession session) {
        session.index = all.size();
        all.add(session);
    }

    /** Takes a session out, if it was ever added. */
    void remove(LoopSession session) {
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

    /** For actions that add and remove none. */
    void forEach(Consumer<Session> action) {
        all.forEach(action);
    }

    /** Sees to the clocks of a session, if any runs. */
    void watchIfNeeded(LoopSession session) {
        if (!session.watched && session.watch(System.nanoTime())) {
            session.watched = true;
            watched.add(session);
        }
    }

    /** Looks at the clocks that run, and for channels that were closed underneath: each now and then. */
    void watch() {
        long now = System.nanoTime();
        if (now - watchedAtNanos < NANOS_BETWEEN_LOOKS) {
            return;
        }
        watchedAtNanos = now;
        for (int i = watched.size() - 1; i >= 0; i--) {
            LoopSession session = watched.get(i);
            if (!session.watch(now)) {
                session.watched = false;
                ArrayListUtil.fastUnorderedRemove(watched, i);
            }
        }
        if (now - lookedThroughAtNanos >= NANOS_BETWEEN_LOOKS_THROUGH_ALL) {
            lookedThroughAtNanos = now;
            all.forEach(LoopSession::endIfClosedUnderneath);
        }
    }
}
