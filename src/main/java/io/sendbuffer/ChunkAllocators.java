/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The allocators of one pool, and the search for the allocators of threads that ended. Guarded by the store's lock. */
final class ChunkAllocators {
    /** A small table, which is quickly searched and cleared, also by a model check. It grows. */
    private static final int EXPECTED_THREADS = 8;

    private final List<ChunkAllocator> all = new ArrayList<>();
    private final IdentityHashMap<Thread, ChunkAllocator> byOwner = new IdentityHashMap<>(EXPECTED_THREADS);

    /** Where the next look for dead threads begins. */
    private int next;

    void add(ChunkAllocator allocator) {
        all.add(allocator);
        Thread owner = allocator.owner();
        if (owner != null) {
            boolean done = false;
            try {
                byOwner.put(owner, allocator);
                done = true;
            } finally {
                if (!done) {
                    all.remove(all.size() - 1);
                }
            }
        }
    }

    @Nullable
    ChunkAllocator of(Thread owner) {
        return byOwner.get(owner);
    }

    /**
     * Looks at a few allocators, from where the last look stopped, and takes out the allocators of threads that ended.
     * So one look costs the same however many threads there are, and each dead one is found after a while.
     */
    void takeOutDead(int looks, Consumer<ChunkAllocator> action) {
        for (int i = Math.min(looks, all.size()); i > 0; i--) {
            next = next <= 0 || next > all.size() ? all.size() - 1 : next - 1;
            ChunkAllocator allocator = all.get(next);
            if (allocator.isOwnerDead()) {
                remove(next, allocator);
                action.accept(allocator);
            }
        }
    }

    void takeOutAllDead(Consumer<ChunkAllocator> action) {
        takeOutDead(all.size(), action);
    }

    private void remove(int index, ChunkAllocator allocator) {
        ChunkAllocator last = all.remove(all.size() - 1);
        if (last != allocator) {
            all.set(index, last);
        }
        Thread owner = allocator.owner();
        if (owner != null) {
            byOwner.remove(owner, allocator);
        }
    }

    /** Takes all of them out. */
    void clear(Consumer<ChunkAllocator> action) {
        all.forEach(action);
        all.clear();
        byOwner.clear();
    }
}
