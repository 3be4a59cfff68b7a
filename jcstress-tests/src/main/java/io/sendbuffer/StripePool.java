/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A pool cut down to one store and one stripe, used as {@link SendBufferPool} uses them for virtual threads: any actor
 * may allocate, and none of the millions of states leaves a thread-local behind.
 */
public final class StripePool {
    static final int CHUNK = 64;

    /** A thread that never ran is as dead as one that ended; a state can afford no thread of its own. */
    static final Thread DEAD = new Thread(() -> {}, "never started");

    final SlabMemory memory = new SlabMemory();
    final ChunkStore store;
    final ChunkAllocator stripe = ChunkAllocator.stripe();

    /** Of at most 16 chunks. */
    public StripePool() {
        this(16);
    }

    StripePool(int maxChunks) {
        this(maxChunks, Throwable::printStackTrace);
    }

    /** With a handler of what is reported, such as a release too many. */
    StripePool(int maxChunks, ErrorHandler errorHandler) {
        store = new ChunkStore(memory, CHUNK, (long) maxChunks * CHUNK, errorHandler);
        store.register(stripe);
    }

    /** A store of eight chunks, of which threads may own a given number, where no back-off after a refusal lasts. */
    static ChunkStore storeWithoutBackOff(MemorySource source, int maxOwnChunks) {
        return storeWithoutBackOff(source, maxOwnChunks, new DiscardedMemory());
    }

    /** The same, with discarded memory that it may share with another store. */
    static ChunkStore storeWithoutBackOff(MemorySource source, int maxOwnChunks, DiscardedMemory discardedMemory) {
        return new ChunkStore(new StoreSettings(
                source,
                CHUNK,
                8 * CHUNK,
                maxOwnChunks,
                Long.MAX_VALUE,
                Double.POSITIVE_INFINITY,
                Long.MAX_VALUE,
                DirectMemory.UNKNOWN,
                discardedMemory,
                new HastyClock(),
                look -> {},
                Throwable::printStackTrace));
    }

    /** Between two reads it advances further than any back-off takes. */
    private static final class HastyClock implements NanoClock {
        private final AtomicLong now = new AtomicLong();

        @Override
        public long nanoTime() {
            return now.addAndGet(Growth.MAX_BACK_OFF_NANOS);
        }
    }

    /** Allocates from the stripe's chunk, or from the next one; null if the cap leaves no room. */
    @Nullable
    SendBuffer allocate(int capacity) {
        return allocate(stripe, capacity);
    }

    /** Another stripe of this pool. */
    ChunkAllocator anotherStripe() {
        ChunkAllocator another = ChunkAllocator.stripe();
        store.register(another);
        return another;
    }

    /** Leaves the allocator of a dead thread behind. Its current chunk has no live slice. */
    void leaveADeadThreadsChunk() {
        ChunkAllocator dead = ChunkAllocator.of(DEAD);
        dead.allocate(store, 16, 1).release();
        store.register(dead); // not before: its own allocate would reap it
    }

    /** Allocates from the chunk of another stripe. */
    @Nullable
    SendBuffer allocate(ChunkAllocator another, int capacity) {
        return another.allocateShared(store, capacity, 1);
    }

    /** A sealed message, the neighbor of the one before. */
    public SendBuffer message(int... digits) {
        return filled(allocate(digits.length), digits);
    }

    /** A sealed message in a chunk of its own: its last release frees the chunk. */
    public SendBuffer alone(int... digits) {
        return filled(store.allocateLarge(digits.length, 1), digits);
    }

    private static SendBuffer filled(SendBuffer buffer, int... digits) {
        for (int digit : digits) {
            buffer.putByte((byte) digit);
        }
        return buffer.seal();
    }

    /** Closes the store as the pool does: it locks the stripes, in order, before the store. */
    void close() {
        synchronized (stripe) {
            store.close(List.of(stripe));
        }
    }

    public int frees() {
        return memory.frees();
    }
}
