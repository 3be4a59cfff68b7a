/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the memory for a store's new chunk, outside the store's lock: first what pools have discarded and the collector
 * has not found, in a piece of the same size; then what the JVM gives; then a part of a larger piece, discarded or
 * free.
 */
final class ChunkMaker {
    private final ChunkStore store;
    private final Growth growth;
    private final DiscardedMemory discardedMemory;

    ChunkMaker(ChunkStore store, Growth growth, DiscardedMemory discardedMemory) {
        this.store = store;
        this.growth = growth;
        this.discardedMemory = discardedMemory;
    }

    Growth growth() {
        return growth;
    }

    /**
     * Makes a chunk of what the caller has reserved.
     *
     * @return null if there is no memory for it; whatever happens, the reservation remains the caller's
     */
    @Nullable
    Chunk make(int bytes, boolean forOneBuffer) {
        DiscardedMemory.Taken taken = null;
        boolean done = false;
        try {
            taken = discardedMemory.take(bytes);
            if (taken == null) {
                taken = allocate(bytes);
            }
            if (taken == null) {
                return null;
            }
            Chunk chunk = new Chunk(store, taken, forOneBuffer);
            done = true;
            return chunk;
        } catch (OutOfMemoryError e) {
            return null; // no heap for the chunk's objects
        } finally {
            if (!done && taken != null) {
                discardedMemory.add(taken.piece());
            }
        }
    }

    /** Allocates from the JVM, or, where it refuses, cuts the memory out of a larger piece. */
    private DiscardedMemory.@Nullable Taken allocate(int bytes) {
        ByteBuffer memory = growth.allocate(bytes);
        if (memory != null) {
            return new DiscardedMemory.Taken(DiscardedMemory.Piece.of(memory), memory);
        }
        DiscardedMemory.Taken cut = cut(bytes);
        if (cut == null) {
            collectDiscarded(bytes);
        }
        return cut;
    }

    private DiscardedMemory.@Nullable Taken cut(int bytes) {
        DiscardedMemory.Taken taken = discardedMemory.cut(bytes);
        return taken == null ? store.cutFromFree(bytes) : taken;
    }

    /** Has discarded memory collected, to make room below the JVM's limit for the acquires that come later. */
    private void collectDiscarded(int bytes) {
        CollectionRequests requests = growth.jvm().collectionRequests();
        if (!requests.claimLook()) {
            return;
        }
        store.discardFreeChunks(); // none is large enough, and one that was cut keeps all that it was cut from
        try {
            requests.call(growth.jvm().hasRoomFor(bytes - discardedMemory.uncollectedBytes()));
        } catch (Throwable e) { // no thread for it
            store.report(e);
        }
    }
}
