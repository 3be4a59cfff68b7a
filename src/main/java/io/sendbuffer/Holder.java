/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * A queue as the pools see it that its messages keep memory of, through their {@link Holders}: how old that memory is,
 * whether the queue moves, and how to end it.
 *
 * <p>Any thread whose acquire finds a pool exhausted calls this. An offer does not, once the pool knows its queue.
 */
final class Holder {
    private final SendQueue queue;
    private final Backlog backlog;
    private final InFlightWindow window;
    private final DrainState drainState;
    private final @Nullable QueueOwner owner;

    /** The first message that the next {@link Evacuation} looks at; owned by the thread that evacuates. */
    long lookedTo;

    Holder(SendQueue queue, Backlog backlog, InFlightWindow window, DrainState drainState, @Nullable QueueOwner owner) {
        this.queue = queue;
        this.backlog = backlog;
        this.window = window;
        this.drainState = drainState;
        this.owner = owner;
    }

    /**
     * Makes the queue known to a pool, which may know it already. Under no lock.
     *
     * @return false if the heap has no room for that
     */
    boolean makeKnownTo(ChunkStore of) {
        try {
            if (backlog.addStore(of)) {
                of.holders().add(this);
            }
            return true;
        } catch (OutOfMemoryError e) {
            backlog.removeStore(of); // the next offer tries again
            return false;
        }
    }

    /**
     * The age of the oldest chunk that this queue keeps from a pool, see {@link Chunk#ageOpaque}; {@link Chunk#CURRENT}
     * if it keeps none, or the first of its messages do not. The first message need not have the oldest: its chunk may
     * have been an allocator's current one for long. Takes the queue's lock.
     */
    long oldestAge(ChunkStore of) {
        long age = Math.min(ageOf(window.oldestOpaque(), of), ageOf(window.nextOldestOpaque(), of));
        return Math.min(age, backlog.oldestAge(of));
    }

    /** See {@link QueueStats#oldestNanos}. */
    long oldestNanos(long nowNanos) {
        Chunk first = window.oldestOpaque();
        long since = 0;
        for (Chunk before = null; first != null && first != before; ) { // or else it may have been handed out again
            before = first;
            since = before.sinceNanosOpaque();
            first = window.oldestOpaque();
        }
        return backlog.oldestNanos(nowNanos, first == null ? 0 : nowNanos - since);
    }

    /** See {@link QueueStats#bytesBehind}; of the pool that the queue got its last message of. */
    long bytesBehind() {
        ChunkStore store = backlog.storePlain();
        if (store == null) {
            return 0;
        }
        long age = oldestAge(store);
        return age == Chunk.CURRENT ? 0 : Math.max(0, store.handedOutOpaque() - age);
    }

    private static long ageOf(@Nullable Chunk chunk, ChunkStore of) {
        return chunk == null || chunk.store != of ? Chunk.CURRENT : chunk.ageOpaque();
    }

    /** True if a write was gathered, and something of it or after it waits. For tests. */
    boolean isWaiting() {
        return window.oldestOpaque() != null;
    }

    /**
     * True if its channel has taken nothing for long, by the measure of a pool. Where it waits for a message of another
     * pool, that measure is missing, and the age of what lies behind that message has to suffice.
     */
    boolean isStalled(ChunkStore of) {
        Chunk first = window.oldestOpaque();
        return first != null && (first.store != of || of.holders().isLongAgo(window.waitsSinceOpaque()));
    }

    SendQueue queue() {
        return queue;
    }

    Backlog backlog() {
        return backlog;
    }

    /** Bytes that its channel took so far. */
    long bytesWritten() {
        return window.writtenOpaque();
    }

    /** True if it ended, is about to, or was asked to. */
    boolean isEndingOrShed() {
        return drainState.isEndingVolatile() || backlog.isShed();
    }

    /** True when it has ended, no write of it is in flight, and all memory has come back. */
    boolean hasReleasedAll() {
        return drainState.isClosedVolatile() && backlog.hasReleasedAll();
    }

    /**
     * Ends the queue, once. Whatever the hook throws, the queue has ended then. Called under no lock.
     *
     * @return what the hook threw
     */
    @Nullable
    Throwable shed(long bytesBehind) {
        StackRoom.require();
        return end(new SlowConsumerException(bytesBehind)); // may run out of memory: nothing has changed then
    }

    /** Likewise, with this cause. */
    @Nullable
    Throwable end(SlowConsumerException cause) {
        StackRoom.require();
        if (!backlog.claimShed()) {
            return null;
        }
        if (owner == null) {
            try {
                queue.close(cause);
            } catch (StackOverflowError e) {
                backlog.giveUpShed();
                throw e;
            }
            return null;
        }
        try {
            owner.onSlowConsumer(cause);
            return null;
        } catch (Throwable e) {
            queue.close(cause);
            return e;
        }
    }
}
