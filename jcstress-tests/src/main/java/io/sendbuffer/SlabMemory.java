/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one state's chunks: pieces of a slab that all states share, since thousands of them live at once.
 * Counts the chunks that were freed and poisons their bytes, so that a read after the free is detected.
 *
 * <p>Assumption: fewer pieces are live than the slab has.
 */
final class SlabMemory implements MemorySource {
    static final byte POISON = 9;

    private static final int SLAB_BYTES = 32 << 20;
    private static final int MIN_PIECE = 64;
    private static final ByteBuffer SLAB = ByteBuffer.allocateDirect(SLAB_BYTES);
    private static final AtomicInteger NEXT = new AtomicInteger();

    /**
     * Atomic, or two concurrent frees would count as one. It comes after the race that it counts, so it does not hide
     * one.
     */
    private final AtomicInteger frees = new AtomicInteger();

    private @Nullable LockWatch watch;

    /** Makes the watch check whether each free of this memory happens under a queue's lock. */
    void watch(LockWatch lock) {
        watch = lock;
    }

    @Override
    public ByteBuffer allocate(int bytes) {
        int piece = Math.max(MIN_PIECE, Integer.highestOneBit(bytes * 2 - 1));
        int start = NEXT.getAndAdd(piece) & (SLAB_BYTES - 1);
        while (start > SLAB_BYTES - piece) {
            start = NEXT.getAndAdd(piece) & (SLAB_BYTES - 1); // another test of this JVM asks for another size
        }
        return SLAB.slice(start, bytes);
    }

    @Override
    public void freed(ByteBuffer memory) {
        if (watch != null) {
            watch.look();
        }
        for (int i = 0; i < memory.capacity(); i++) {
            memory.put(i, POISON);
        }
        frees.incrementAndGet();
    }

    int frees() {
        return frees.get();
    }
}
