/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Moves what slow receivers hold of old, nearly empty chunks into a chunk of its own, so that the old ones come back: a
 * receiver that stalls costs the bytes that it has queued, and not the chunks in which these were written among others.
 *
 * <pre>{@code
 * chunk  [....m....]   [..n......]   [.......o.]      each with little that is alive
 *             |            |                |
 * target [m n o ....................]                 copied once; each queue that held the original holds the copy
 * }</pre>
 *
 * <p>A pass chooses chunks, the oldest first, of which at most half is alive; walks the queues that the pool knows, and
 * copies each message of those chunks when it meets it first; and lets the originals go when it has met them all. No
 * queue is locked for more than a few microseconds, nothing is copied under a lock, and what is being written stays
 * where it is. A queue that keeps up has nothing in such a chunk.
 *
 * <p>The idea is that of a copying collector (C. J. Cheney, "A Nonrecursive List Compacting Algorithm", 1970), with
 * reference counts to say when an original is garbage. One thread at a time, any thread; it calls no user code.
 */
final class Evacuation {
    private static final VarHandle BUSY = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "busy", VarHandle.class, Evacuation.class, boolean.class);

    /** Another thread is at it. */
    static final long BUSY_ELSEWHERE = -1;

    /** What was handed out a moment ago, less than this part of the cap, will come back by itself. */
    private static final int LAG_PART = 16;

    /**
     * An acquire that finds little room copies at most this part of the cap, or this many bytes if that is more. The
     * acquires that take the chunks which are left go on: there are many, since little is an eighth of the cap.
     */
    private static final int TURN_PART = 64;

    private static final long MIN_BYTES_OF_TURN = 1 << 20;

    /** When there was nothing to gain, the next acquires are refused without a search. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ChunkStore store;

    /** Where the copies go. */
    private final ChunkAllocator target = ChunkAllocator.stripe();

    /** A thread evacuates. Cleared by a store, which no end of the stack prevents. */
    @SuppressWarnings("unused")
    private boolean busy;

    private volatile long quietUntilNanos = System.nanoTime();

    // Owned by the thread that is busy.
    private @Nullable Evacuees evacuees;
    private final Copies copies = new Copies(QueueArrays.HEAP);
    private boolean isTargetFull;
    private long copiedBytes;
    private long lastPassAt;

    Evacuation(ChunkStore store) {
        this.store = store;
    }

    /** The allocator that copies are made with: its chunk is idle when no copy is alive. */
    ChunkAllocator target() {
        return target;
    }

    /**
     * Makes passes until nothing is left to gain, unless another thread makes them.
     *
     * @return how many bytes were copied, or {@link #BUSY_ELSEWHERE}
     */
    long runToTheEnd() {
        return run(0, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * Makes passes until nothing is left to gain, unless another thread makes them.
     *
     * @param minLag only chunks since which the pool has handed out this many bytes
     * @param maxBytes how much one pass copies at most, unless one chunk has more
     */
    private long run(long minLag, long maxBytes, int maxPasses) {
        StackRoom.require();
        if (!casBusy()) {
            return BUSY_ELSEWHERE;
        }
        long copied = 0;
        try {
            int passes = 0;
            boolean goesOn;
            do {
                copiedBytes = 0;
                boolean isAnyLeftBehind = pass(minLag, maxBytes);
                copied += copiedBytes;
                goesOn = copiedBytes > 0 ? ++passes < maxPasses : isAnyLeftBehind;
            } while (goesOn);
        } catch (OutOfMemoryError e) {
            return copied + copiedBytes; // what was exchanged stays so; the heap has no room for more
        } catch (IllegalStateException e) {
            if (!store.isClosedVolatile()) {
                throw e;
            }
            return copied + copiedBytes; // the pool was closed meanwhile, so there is nothing more to gain
        } finally {
            setIdleVolatile();
        }
        return copied;
    }

    /**
     * True if an acquire that finds no room is to call {@link #turn}: memory is held back for that, and the last run
     * was worth it, or some time ago.
     */
    boolean isDue() {
        return store.isAnyHeldBack() && System.nanoTime() - quietUntilNanos >= 0;
    }

    /** For a thread that has just taken one of the last chunks; if it fails, that thread has its chunk all the same. */
    void runWhileRoomIsLeft() {
        try {
            if (isDue()) {
                turn();
            }
        } catch (StackOverflowError | OutOfMemoryError e) {
            return; // an acquire that finds no room tries again
        }
    }

    /** One pass, for an acquire that found little room or none. Returns what {@link #runToTheEnd} does. */
    long turn() {
        long copied = run(store.cap() / LAG_PART, Math.max(MIN_BYTES_OF_TURN, store.cap() / TURN_PART), 1);
        if (copied == 0) {
            quietUntilNanos = System.nanoTime() + QUIET_NANOS;
        }
        return copied;
    }

    boolean isBusyVolatile() {
        return (boolean) BUSY.getVolatile(this);
    }

    private boolean casBusy() {
        return !isBusyVolatile() && BUSY.compareAndSet(this, false, true);
    }

    private void setIdleVolatile() {
        BUSY.setVolatile(this, false);
    }

    /** Returns true if it looked at some chunks to the end: then those that stayed as they are are not tried again. */
    private boolean pass(long minLag, long maxBytes) {
        List<Chunk> chosen = new ArrayList<>();
        long handedOut = store.handedOutOpaque();
        isTargetFull = false;
        boolean isDone = false;
        retireTargetIfIdle();
        try {
            if (store.chooseSparse(chosen, minLag, maxBytes)) {
                boolean fromTheStart = isAnyOlder(chosen, lastPassAt);
                for (Holder holder : store.holders().living()) {
                    moveAll(holder, fromTheStart);
                }
                lastPassAt = handedOut;
                isDone = !isTargetFull;
            }
        } finally {
            forgetCopies();
            store.evacuated(chosen, isDone);
        }
        return isDone;
    }

    private void retireTargetIfIdle() {
        synchronized (target) {
            store.retireIfIdle(target);
        }
        store.scheduleCheckIfDue();
    }

    /** A chunk that an earlier pass did not choose: queues have messages of it that were passed over. */
    private static boolean isAnyOlder(List<Chunk> chosen, long handedOut) {
        return chosen.stream().anyMatch(chunk -> chunk.ageOpaque() <= handedOut);
    }

    void moveAll(Holder holder, boolean fromTheStart) {
        Evacuees some = evacuees;
        if (some == null) {
            some = new Evacuees();
            evacuees = some;
        }
        try {
            some.findInWindow(holder.queue());
            copyAll(some);
            some.exchangeInWindow(holder.queue(), this);
        } finally {
            some.clear(store);
        }
        long next = fromTheStart ? 0 : holder.lookedTo;
        some.begin();
        while (next != Evacuees.END) {
            try {
                next = some.find(holder.backlog(), next);
                copyAll(some);
                some.exchange(holder.backlog(), this);
            } finally {
                some.clear(store);
            }
        }
        holder.lookedTo = some.unsettled();
    }

    private void copyAll(Evacuees some) {
        for (int i = 0; i < some.count(); i++) {
            SendBuffer original = some.original(i);
            if (!isTargetFull && copyOf(original) == null) {
                copy(original);
            }
        }
    }

    /** The copy of a message; null if there is none. */
    @Nullable
    SendBuffer copyOf(SendBuffer original) {
        return copies.get(original);
    }

    private void copy(SendBuffer original) {
        int length = original.sealedLength();
        SendBuffer copy = target.allocateToEvacuate(store, length);
        if (copy == null) {
            isTargetFull = true;
            return;
        }
        boolean done = false;
        try {
            copy.putBytes(original, 0, length).seal();
            copy.attributesOf(original);
            copy.chunk().keepAgeOf(original.chunk());
            copies.reserve(); // what may run out of memory comes first
            if (original.tryRetainReferences(1)) { // the copy is found by it
                copies.add(original, copy);
                done = true;
                copiedBytes += length;
            }
        } finally {
            if (!done) {
                copy.release();
            }
        }
    }

    /** From here on each copy belongs to the queues that hold it. */
    void forgetCopies() {
        copies.clear(store);
    }
}
