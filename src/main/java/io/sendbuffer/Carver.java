package io.sendbuffer;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carves slices from its current chunk.
 *
 * <p>A platform thread has a carver of its own, which no other thread touches: no lock, no atomic. Virtual threads, of
 * which there may be a million, share a few carvers called stripes, each behind a lock (a {@link ReentrantLock}, which
 * parks a virtual thread instead of pinning its carrier).
 */
final class Carver {
    private static final int LOOK_UPS_OF_A_FREQUENT_ONE = 1 << 10;

    /** The only thread that may carve; null for a stripe. */
    private final @Nullable Thread owner;

    private final @Nullable ReentrantLock stripeLock;

    /** Written under the store's lock, read plainly by the owner. */
    @Nullable
    Chunk current;

    /** Counted by the owner alone. */
    private int lookUps;

    private Carver(@Nullable Thread owner, @Nullable ReentrantLock stripeLock) {
        this.owner = owner;
        this.stripeLock = stripeLock;
    }

    static Carver ofCallingThread() {
        return of(Thread.currentThread());
    }

    /** The carver of this thread; nobody else may carve with it. */
    static Carver of(Thread owner) {
        return new Carver(owner, null);
    }

    static Carver stripe() {
        return new Carver(null, new ReentrantLock());
    }

    /**
     * Carves a slice, taking a new chunk from the store when the current one is full. On a stripe, between
     * {@link #lock} and {@link #unlock}.
     *
     * @return null if the cap leaves no room for another chunk
     */
    @Nullable
    SendBuffer carve(ChunkStore store, int capacity, int alignment) {
        Chunk chunk = current;
        SendBuffer slice = chunk == null ? null : chunk.carve(capacity, alignment);
        return slice != null ? slice : carveFromNext(store, capacity, alignment);
    }

    private @Nullable SendBuffer carveFromNext(ChunkStore store, int capacity, int alignment) {
        Chunk next = store.nextChunk(this);
        return next == null ? null : next.carve(capacity, alignment);
    }

    void lock() {
        if (stripeLock != null) {
            stripeLock.lock();
        }
    }

    /** Locks a stripe that nobody has locked. */
    boolean tryLock() {
        return stripeLock == null || stripeLock.tryLock();
    }

    void unlock() {
        if (stripeLock != null) {
            stripeLock.unlock();
        }
    }

    /** True only for the carver's own thread, and only while it carves from this chunk; never for a stripe. */
    boolean isCurrentOfCaller(Chunk chunk) {
        return owner == Thread.currentThread() && current == chunk;
    }

    /** Enters the owner's side of a chunk if it is the caller's to enter; then {@link #leave} must follow. */
    boolean enter(Chunk chunk) {
        if (owner != null) {
            return isCurrentOfCaller(chunk);
        }
        lock();
        if (current == chunk) {
            return true;
        }
        unlock();
        return false;
    }

    void leave() {
        unlock();
    }

    /** True if the thread of this carver ended: all that it did is visible to the caller. */
    boolean isOwnerDead() {
        return owner != null && !owner.isAlive();
    }

    boolean isOwnedByCaller() {
        return isOwnedBy(Thread.currentThread());
    }

    boolean isOwnedBy(Thread thread) {
        return owner == thread;
    }

    /** Counts a look-up of this carver in its thread's thread-locals. True once in many. Called by the owner. */
    boolean isLookedUpOften() {
        return (++lookUps & (LOOK_UPS_OF_A_FREQUENT_ONE - 1)) == 0;
    }
}
