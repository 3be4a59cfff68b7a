/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * The chunks that wait for their next use: those that slices are allocated from, and those of one large buffer, by
 * size. Linked through {@link Chunk#nextFree}, so that a release allocates nothing. Guarded by the store's lock.
 */
final class FreeChunks {
    /** How many classes above its own a large buffer looks at: a quarter to two fifths of a chunk may be wasted. */
    private static final int CLASSES_TO_TRY = 3;

    private @Nullable Chunk firstFree;
    private final @Nullable Chunk[] largeBySize = new Chunk[SizeClasses.COUNT];

    /** No class above this one has a free chunk. */
    private int largestClass = -1;

    /** What they count for the cap. */
    private long bytes;

    /** The minimum of {@link #bytes} since {@link #restartMin}: what no thread needed meanwhile. */
    private long minBytes;

    long bytes() {
        return bytes;
    }

    long minBytes() {
        return minBytes;
    }

    void restartMin() {
        minBytes = bytes;
    }

    boolean hasChunk() {
        return firstFree != null;
    }

    /** In case of an Error nothing has changed: no call comes after the first change, here and where one is taken. */
    void push(Chunk chunk) {
        chunk.reset();
        long cost = chunk.cost();
        if (chunk.forOneBuffer) {
            int index = SizeClasses.indexOf(chunk.size);
            chunk.nextFree = largeBySize[index];
            largeBySize[index] = chunk;
            largestClass = index > largestClass ? index : largestClass;
        } else {
            chunk.nextFree = firstFree;
            firstFree = chunk;
        }
        bytes += cost;
    }

    /** Takes a chunk to allocate slices from; null if there is none. */
    @Nullable
    Chunk pop() {
        Chunk chunk = firstFree;
        if (chunk != null) {
            long cost = chunk.cost();
            firstFree = chunk.nextFree;
            chunk.nextFree = null;
            bytes -= cost;
            minBytes = bytes < minBytes ? bytes : minBytes;
        }
        return chunk;
    }

    /** Takes a chunk for one large buffer, of about its size; null if there is none. */
    @Nullable
    Chunk popLarge(long size) {
        int first = SizeClasses.indexToHold(size);
        int last = Math.min(largestClass, first + CLASSES_TO_TRY - 1);
        for (int index = first; index <= last; index++) {
            if (largeBySize[index] != null) {
                return popLargeOf(index);
            }
        }
        return null;
    }

    /** Takes any chunk, the largest ones first; null if there is none. */
    @Nullable
    Chunk popAny() {
        Chunk large = popLargest();
        return large != null ? large : pop();
    }

    /** Takes one of the largest chunks that are for one buffer; null if there is none. */
    @Nullable
    Chunk popLargest() {
        while (largestClass >= 0 && largeBySize[largestClass] == null) {
            largestClass--;
        }
        return largestClass < 0 ? null : popLargeOf(largestClass);
    }

    private @Nullable Chunk popLargeOf(int index) {
        Chunk chunk = largeBySize[index];
        if (chunk != null) {
            long cost = chunk.cost();
            largeBySize[index] = chunk.nextFree;
            chunk.nextFree = null;
            bytes -= cost;
            minBytes = bytes < minBytes ? bytes : minBytes;
        }
        return chunk;
    }
}
