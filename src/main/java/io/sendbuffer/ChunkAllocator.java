/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Allocates slices from its current chunk.
 *
 * <p>A platform thread has an allocator of its own, which no other thread touches: no lock, no atomic. Virtual threads,
 * of which there may be a million, share a few allocators called stripes, each behind its monitor. A thread that holds
 * one waits for nothing but the store's lock, so a virtual thread that waits for it pins its carrier for a few
 * instructions, or for a trim; and a monitor is left whatever is thrown, even where the stack ends.
 */
final class ChunkAllocator {
    private static final VarHandle BUSY = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "busy", VarHandle.class, ChunkAllocator.class, boolean.class);

    private static final int LOOK_UPS_OF_A_FREQUENT_ONE = 1 << 10;

    /** A thread that may not have a chunk of its own asks again after this many acquires. */
    private static final int ACQUIRES_WITHOUT_ASKING = 64;

    /** The only thread that may allocate; null for a stripe. */
    private final @Nullable Thread owner;

    /** Between two stripes lies a cache line: different threads lock them. */
    @SuppressWarnings("unused")
    private long p0, p1, p2, p3, p4, p5, p6, p7;

    /**
     * A thread is about to allocate from this stripe, or does: others pass on to the next one rather than wait for its
     * monitor, which alone excludes them. Cleared by a store, which no end of the stack prevents.
     */
    boolean busy;

    /** Written under the store's lock, read plainly by the owner. */
    @Nullable
    Chunk current;

    /** Counted by the owner alone. */
    private int lookUps;

    /** How many more acquires a thread without a chunk makes before it asks for one. Counted by the owner alone. */
    private int withoutAsking;

    private ChunkAllocator(@Nullable Thread owner) {
        this.owner = owner;
    }

    static ChunkAllocator ofCallingThread() {
        return of(Thread.currentThread());
    }

    /** The allocator of this thread; no other thread may allocate with it. */
    static ChunkAllocator of(Thread owner) {
        return new ChunkAllocator(owner);
    }

    static ChunkAllocator stripe() {
        return new ChunkAllocator(null);
    }

    /**
     * Allocates a slice for the owner, taking a new chunk from the store when the current one is full.
     *
     * @return null if the owner is to look at the shared chunks: it may not have one of its own, or there is no room
     */
    @Nullable
    SendBuffer allocate(ChunkStore store, int capacity, int alignment) {
        Chunk chunk = current;
        SendBuffer slice = chunk == null ? null : chunk.allocate(capacity, alignment);
        return slice != null ? slice : allocateFromNext(store, capacity, alignment);
    }

    private @Nullable SendBuffer allocateFromNext(ChunkStore store, int capacity, int alignment) {
        if (current == null && withoutAsking > 0) {
            withoutAsking--;
            return null;
        }
        Chunk next = store.nextChunk(this);
        if (next != null) {
            return next.allocate(capacity, alignment);
        }
        if (current == null) {
            withoutAsking = ACQUIRES_WITHOUT_ASKING;
        }
        return null;
    }

    /**
     * Allocates a slice from a stripe, taking a new chunk from the store when the current one is full. No lock is held
     * while memory is allocated, so no thread waits for that.
     *
     * @return null if there is no room for another chunk
     */
    @Nullable
    SendBuffer allocateShared(ChunkStore store, int capacity, int alignment) {
        SendBuffer slice = allocateFromFreeShared(store, capacity, alignment);
        return slice != null ? slice : allocateFromNew(store, capacity, alignment);
    }

    /** Allocates from the current chunk of a stripe or from a free one. */
    @Nullable
    SendBuffer allocateFromFreeShared(ChunkStore store, int capacity, int alignment) {
        Chunk before;
        Chunk after;
        SendBuffer slice;
        synchronized (this) {
            before = current;
            slice = allocateFromFree(store, capacity, alignment);
            after = current;
        }
        if (before != after) {
            store.scheduleCheckIfDue();
        }
        return slice;
    }

    private @Nullable SendBuffer allocateFromFree(ChunkStore store, int capacity, int alignment) {
        Chunk chunk = current;
        SendBuffer slice = chunk == null ? null : chunk.allocate(capacity, alignment);
        if (slice != null) {
            return slice;
        }
        Chunk next = store.nextFreeChunk(this);
        return next == null ? null : next.allocate(capacity, alignment);
    }

    /** Allocates from a chunk for which there is new memory. Under no lock. */
    @Nullable
    SendBuffer allocateFromNew(ChunkStore store, int capacity, int alignment) {
        Chunk fresh = store.grow();
        return fresh == null ? null : allocateFromFresh(store, fresh, capacity, alignment);
    }

    /** Another thread may have brought a chunk meanwhile: then this one goes to the free list. */
    private @Nullable SendBuffer allocateFromFresh(ChunkStore store, Chunk fresh, int capacity, int alignment) {
        boolean used = false;
        try {
            synchronized (this) {
                SendBuffer slice = allocateFromFree(store, capacity, alignment);
                if (slice == null) {
                    used = true;
                    slice = store.use(fresh, this).allocate(capacity, alignment);
                }
                return slice;
            }
        } finally {
            if (!used) {
                store.putFree(fresh);
            }
        }
    }

    /**
     * Allocates a slice for a message that is moved here, from what is kept free for that where nothing else is left.
     * Of this stripe, one thread allocates.
     */
    @Nullable
    SendBuffer allocateToEvacuate(ChunkStore store, int capacity) {
        SendBuffer slice = allocateFromFreeShared(store, capacity, 1);
        if (slice != null) {
            return slice;
        }
        Chunk fresh = store.growToEvacuate();
        return fresh == null ? null : allocateFromFresh(store, fresh, capacity, 1);
    }

    /** Marks this stripe as busy. False: another thread has. */
    boolean casBusy() {
        return !busy && BUSY.compareAndSet(this, false, true);
    }

    /**
     * True if a slice may be allocated from the current chunk, or the chunk is idle. A hint for threads that have not
     * locked this stripe, to spare them the lock.
     */
    boolean mayFit(int capacity) {
        Chunk chunk = current;
        return chunk != null && chunk.mayFit(capacity);
    }

    /** True if nothing of the current chunk is alive; a hint, like {@link #mayFit}. */
    boolean isIdle() {
        Chunk chunk = current;
        return chunk != null && chunk.liveSnapshot() == 0;
    }

    /** Runs an action with the monitors of all stripes from this index on. */
    static <R> R withAll(ChunkAllocator[] stripes, int index, Supplier<R> action) {
        if (index == stripes.length) {
            return action.get();
        }
        synchronized (stripes[index]) {
            return withAll(stripes, index + 1, action);
        }
    }

    /** True only for the allocator's own thread, and only while it allocates from this chunk; never for a stripe. */
    boolean isCurrentOfCaller(Chunk chunk) {
        return owner == Thread.currentThread() && current == chunk;
    }

    /** True if the thread of this allocator ended: all that it did is visible to the caller. */
    boolean isOwnerDead() {
        return owner != null && !owner.isAlive();
    }

    /** The only thread that may allocate; null for a stripe. */
    @Nullable
    Thread owner() {
        return owner;
    }

    /** True for an allocator that threads share, each in its monitor. */
    boolean isStripe() {
        return owner == null;
    }

    boolean isOwnedByCaller() {
        return isOwnedBy(Thread.currentThread());
    }

    boolean isOwnedBy(Thread thread) {
        return owner == thread;
    }

    /** Counts a look-up of this allocator in its thread's thread-locals. True once in many. Called by the owner. */
    boolean isLookedUpOften() {
        return (++lookUps & (LOOK_UPS_OF_A_FREQUENT_ONE - 1)) == 0;
    }
}
