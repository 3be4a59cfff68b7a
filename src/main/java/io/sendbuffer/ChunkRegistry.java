/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The chunks that one pool has: free, current or pinned. A list through the chunks themselves, so that adding and
 * removing one allocates nothing and cannot fail. Guarded by the store's lock.
 */
final class ChunkRegistry {
    /** What is alive in all chunks at one moment. */
    record Live(long slices, long bytes, long pinnedBytes, long constantBytes) {}

    private @Nullable Chunk first;

    void add(Chunk chunk) {
        Chunk next = first;
        chunk.nextRegistered = next;
        if (next != null) {
            next.previousRegistered = chunk;
        }
        first = chunk;
        chunk.registered = true;
    }

    void remove(Chunk chunk) {
        if (!chunk.registered) {
            throw new AssertionError("a chunk was discarded twice");
        }
        Chunk previous = chunk.previousRegistered;
        Chunk next = chunk.nextRegistered;
        if (previous == null) {
            first = next;
        } else {
            previous.nextRegistered = next;
        }
        if (next != null) {
            next.previousRegistered = previous;
        }
        chunk.previousRegistered = null;
        chunk.nextRegistered = null;
        chunk.registered = false;
    }

    /** Calls the action with each chunk; it may remove that chunk. */
    void forEach(Consumer<Chunk> action) {
        for (Chunk chunk = first; chunk != null; ) {
            Chunk next = chunk.nextRegistered;
            action.accept(chunk);
            chunk = next;
        }
    }

    /** Adds those that are sparse, and no younger than that. */
    void addSparse(List<Chunk> found, long youngest) {
        for (Chunk chunk = first; chunk != null; chunk = chunk.nextRegistered) {
            if (chunk.isSparse() && chunk.ageOpaque() <= youngest) {
                found.add(chunk);
            }
        }
    }

    /**
     * Sums up what is alive. Threads allocate and release meanwhile, so this is a snapshot of each chunk, not of all.
     */
    Live live() {
        long slices = 0;
        long bytes = 0;
        long pinned = 0;
        long constant = 0;
        for (Chunk chunk = first; chunk != null; chunk = chunk.nextRegistered) {
            long live = chunk.liveSnapshot();
            if (live != 0) {
                slices += Chunk.slicesIn(live);
                bytes += Chunk.bytesIn(live);
                pinned += chunk.size;
                constant += chunk.forConstant ? chunk.size : 0;
            }
        }
        return new Live(slices, bytes, pinned, constant);
    }
}
