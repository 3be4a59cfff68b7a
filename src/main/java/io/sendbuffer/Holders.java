/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The queues that hold messages of one pool. When the pool is exhausted, those that are farthest behind are ended:
 * where messages are shared, only the end of the receiver with the oldest one gives memory back.
 *
 * <p>How far a queue is behind is measured in bytes of chunks that the pool has handed out since the chunk of the
 * queue's oldest message was full; a chunk that is not yet full is kept by the thread that fills it, however long that
 * takes, and by no queue. A queue is slow if the pool has handed out a part of the cap since. The slowest are ended
 * first, and among them the queues with a channel that takes nothing; those that take something follow in the next
 * search, if the acquire still finds no room: the memory of a shared message comes back only with its last receiver. If
 * most are slow and take what they can, the sender is too fast: then only the queues with a channel that has taken
 * nothing for as long, or while the pool was exhausted, are ended; if there is none, the sender is refused.
 *
 * <p>Where another thread is in a write of a queue that was ended, the memory comes back when that write returns.
 * Acquires wait for it, for a moment, before any other queue is ended: see {@link Shed}.
 *
 * <p>A queue is held weakly, and forgotten when it has ended.
 */
final class Holders {
    private static final int INITIAL_LIMIT = 64;

    /**
     * Queues with a lag within an eighth of the largest are ended together, so that the room lasts for more than a
     * moment.
     */
    private static final int PART = 8;

    /** When nothing was found to end, or it did not help, the next acquires are refused without a search. */
    private static final long MIN_QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long MAX_QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Searches that find no queue to end take at most a fiftieth of the time, however many queues there are. */
    private static final int QUIET_TO_SEARCH = 50;

    /**
     * An exhausted pool hands out nothing, so a queue that took something just before would never count as stalled. A
     * queue that waits and takes nothing for this long does. Longer than most round trips, and than the time between
     * the steps in which a socket reports what its peer reads: 64 KiB of 128 KiB/s.
     */
    private static final long STILL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ChunkStore store;
    private final long minLag;
    private long maxWaitNanos = Shed.MAX_WAIT_NANOS;

    /** A monitor, which is left even where the stack ends: every first message of a queue needs it. */
    private final Object lock = new Object();

    // Guarded by the lock.
    private final List<Known> queues = new ArrayList<>();
    private int limit = INITIAL_LIMIT;

    /**
     * Queues that ended as stalled count among the receivers of which most have to be slow for the sender to be too
     * fast: otherwise the few that are left, and took something at the end, would be the majority.
     */
    private final RecentEnds recentEnds = new RecentEnds(System.nanoTime());

    /** Written under the lock: the pool has had receivers. */
    private volatile boolean anyKnown;

    /** Written under the lock: searches that ended something. */
    private volatile long sheds;

    /** Written under the lock: what the last of these searches ended. */
    private volatile Shed lastShed = Shed.NONE;

    private volatile long quietUntilNanos = System.nanoTime();

    /** A queue, and what was seen of it. Guarded by the lock. */
    private static final class Known extends WeakReference<Holder> {
        private long seenWritten = -1;
        private long seenAtNanos;

        Known(Holder holder) {
            super(holder);
        }

        @Nullable
        Holder living() {
            Holder holder = get();
            return holder == null || holder.isEndingOrShed() ? null : holder;
        }

        /** True if its channel has taken nothing for long, as far as searches have seen. */
        boolean isStill(Holder holder, long nowNanos) {
            long written = holder.bytesWritten();
            if (written != seenWritten) {
                seenWritten = written;
                seenAtNanos = nowNanos;
            }
            return nowNanos - seenAtNanos >= STILL_NANOS;
        }
    }

    /** Queues count as slow from this many bytes of lag on; {@code Long.MAX_VALUE}: none does. */
    Holders(ChunkStore store, long minLag) {
        this.store = store;
        this.minLag = minLag;
    }

    /** For tests, before any other thread sees this object. */
    void waitAtMost(long nanos) {
        maxWaitNanos = nanos;
    }

    /** Adds a queue. Called once for each queue, under no lock. If an Error is thrown, the queue is not added. */
    void add(Holder holder) {
        Known known = new Known(holder);
        synchronized (lock) {
            if (queues.size() >= limit) {
                queues.removeIf(each -> each.living() == null);
                limit = Math.max(INITIAL_LIMIT, queues.size() * 2);
            }
            queues.add(known);
            anyKnown = true;
        }
    }

    /** The queues that have not ended. */
    List<Holder> living() {
        synchronized (lock) {
            List<Holder> living = new ArrayList<>(queues.size());
            for (Known known : queues) {
                Holder holder = known.living();
                if (holder != null) {
                    living.add(holder);
                }
            }
            return living;
        }
    }

    /** False until a queue is known. */
    boolean isAnyKnownVolatile() {
        return anyKnown;
    }

    /** How many queues are known, including ended ones that were not forgotten yet. */
    int size() {
        synchronized (lock) {
            return queues.size();
        }
    }

    /**
     * Ends the queues that are farthest behind, unless memory of those that were ended before is still to come back.
     * Called under no lock.
     *
     * @return what to wait for if the acquire is refused once more; null if it is not worth trying again
     */
    @Nullable
    Shed shed() {
        Shed last = lastShed;
        if (last.isPending()) {
            return last;
        }
        if (minLag == Long.MAX_VALUE || isQuiet()) {
            return null;
        }
        long before = sheds;
        Shed shed;
        long handedOut;
        synchronized (lock) {
            if (sheds != before || lastShed.isPending()) {
                return lastShed; // another thread is making room
            }
            long start = System.nanoTime();
            if (isQuiet()) {
                return null; // another thread has just found none
            }
            handedOut = store.handedOutOpaque();
            List<Shed.Slow> slowest = slowest(handedOut);
            if (slowest.isEmpty()) {
                keepQuiet(Math.min(MAX_QUIET_NANOS, QUIET_TO_SEARCH * (System.nanoTime() - start)));
                return null;
            }
            shed = new Shed(slowest, maxWaitNanos);
            lastShed = shed;
            sheds = before + 1;
        }
        end(shed, handedOut);
        return shed;
    }

    private void end(Shed shed, long handedOut) {
        try {
            for (Shed.Slow slow : shed.queues()) {
                end(shed, slow, handedOut);
            }
        } finally {
            shed.allEndedVolatile();
        }
    }

    /** Whatever the end of one queue throws, the others are ended as well. */
    private void end(Shed shed, Shed.Slow slow, long handedOut) {
        boolean ended = false;
        try {
            ended = end(slow, handedOut);
        } catch (Throwable e) { // no memory for the cause, for instance: the next search finds the queue again
            store.report(e);
        }
        if (ended) {
            slow.endedVolatile();
            count(slow);
        } else {
            slow.sparedVolatile();
        }
        shed.moveDeadlineVolatile();
    }

    private void count(Shed.Slow ended) {
        if (!ended.takesNothing()) {
            return;
        }
        synchronized (lock) {
            recentEnds.add(System.nanoTime());
        }
    }

    /** Returns false if the queue caught up while the others ended, or is gone. */
    private boolean end(Shed.Slow slow, long handedOut) {
        Holder holder = slow.holder();
        if (holder == null || !isLongAgo(holder.oldestAge(store))) {
            return false;
        }
        Throwable thrown = holder.shed(handedOut - slow.age());
        if (thrown != null) {
            store.report(thrown);
        }
        return true;
    }

    /** True if the pool, since it had handed out this many bytes, has handed out enough to make a queue slow. */
    boolean isLongAgo(long handedOut) {
        return handedOut <= store.handedOutOpaque() - minLag;
    }

    private boolean isQuiet() {
        return System.nanoTime() - quietUntilNanos < 0;
    }

    /** For a moment, the next acquires are refused without a search. */
    void keepQuiet() {
        keepQuiet(0);
    }

    private void keepQuiet(long nanos) {
        long until = System.nanoTime() + Math.max(MIN_QUIET_NANOS, nanos);
        if (until - quietUntilNanos > 0) { // of two threads that write at once, either may be the last
            quietUntilNanos = until;
        }
    }

    private List<Shed.Slow> slowest(long handedOut) {
        return isAnySlow() ? slowestOfSome(handedOut) : List.of();
    }

    /** Without an allocation: the heap may be what is exhausted. */
    private boolean isAnySlow() {
        for (int i = 0; i < queues.size(); i++) {
            Holder holder = queues.get(i).living();
            if (holder != null && isLongAgo(holder.oldestAge(store))) {
                return true;
            }
        }
        return false;
    }

    private List<Shed.Slow> slowestOfSome(long handedOut) {
        List<Shed.Slow> slow = new ArrayList<>();
        List<Shed.Slow> stalled = new ArrayList<>();
        int living = 0;
        long now = System.nanoTime();
        for (Known known : queues) {
            Holder holder = known.living();
            if (holder == null) {
                continue;
            }
            living++;
            long age = holder.oldestAge(store);
            if (isLongAgo(age)) {
                boolean takesNothing = known.isStill(holder, now) || holder.isStalled(store);
                Shed.Slow found = new Shed.Slow(known, age, takesNothing);
                slow.add(found);
                if (takesNothing) {
                    stalled.add(found);
                }
            }
        }
        int receivers = living + recentEnds.count(now);
        boolean isSenderTooFast = slow.size() - stalled.size() > receivers / 2;
        List<Shed.Slow> candidates = isSenderTooFast ? stalled : slow;
        keepOldest(candidates, handedOut);
        if (candidates.stream().anyMatch(Shed.Slow::takesNothing)) {
            candidates.removeIf(each -> !each.takesNothing());
        }
        return candidates;
    }

    private static void keepOldest(List<Shed.Slow> candidates, long handedOut) {
        long oldest = handedOut;
        for (Shed.Slow slow : candidates) {
            oldest = Math.min(oldest, slow.age());
        }
        long last = oldest + (handedOut - oldest) / PART;
        candidates.removeIf(slow -> slow.age() > last);
    }
}
