/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * The copies that an {@link Evacuation} has made in one pass, each found by its original: a hash table with open
 * addressing. Holds a reference to both, so no original becomes another message meanwhile. Used by one thread at a
 * time.
 *
 * <p>Only {@link #reserve} allocates, and before it changes anything: an {@link OutOfMemoryError} leaves all as it was.
 */
final class Copies {
    private static final int INITIAL_CAPACITY = 8;
    private static final @Nullable SendBuffer[] NO_ENTRIES = {};

    private final QueueArrays arrays;

    /** Pairs of an original and its copy; the place of a pair is free where it is null. */
    private @Nullable SendBuffer[] entries = NO_ENTRIES;

    private int size;

    Copies(QueueArrays arrays) {
        this.arrays = arrays;
    }

    /** The copy of a message; null if there is none. */
    @Nullable
    SendBuffer get(SendBuffer original) {
        return size == 0 ? null : entries[indexOf(original, entries) + 1];
    }

    /** Makes room for one more. */
    void reserve() {
        if (3 * (size + 1) > entries.length) { // two thirds of the pairs
            grow();
        }
    }

    private void grow() {
        @Nullable SendBuffer[] larger = arrays.messages(Math.max(2 * INITIAL_CAPACITY, 2 * entries.length));
        for (int i = 0; i < entries.length; i += 2) {
            SendBuffer original = entries[i];
            if (original != null) {
                int index = indexOf(original, larger);
                larger[index] = original;
                larger[index + 1] = entries[i + 1];
            }
        }
        entries = larger;
    }

    /** Adds a copy of a message that has none, with a reference to each. There is room for it. */
    void add(SendBuffer original, SendBuffer copy) {
        int index = indexOf(original, entries);
        entries[index] = original;
        entries[index + 1] = copy;
        size++;
    }

    /** Releases all. Whatever one throws, all are released. */
    void clear(ChunkStore store) {
        for (int i = 0; size > 0 && i < entries.length; i++) {
            SendBuffer message = entries[i];
            entries[i] = null;
            Evacuees.release(message, store);
        }
        size = 0;
    }

    /** Where the original is, or the free place for it: there always is one. */
    private static int indexOf(SendBuffer original, @Nullable SendBuffer[] table) {
        int mask = table.length - 1;
        int index = (System.identityHashCode(original) << 1) & mask;
        while (table[index] != null && table[index] != original) {
            index = (index + 2) & mask;
        }
        return index;
    }
}
