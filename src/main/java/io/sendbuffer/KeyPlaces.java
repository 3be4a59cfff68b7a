/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Arrays;

/**
 * Where the messages wait that have a key: for each key the number of the newest one in its {@link MessageRing}. A hash
 * table with open addressing. What has left the ring stays until the table is full: then it is cleaned, and grows only
 * if much is left. Guarded by the queue's lock.
 *
 * <p>A put allocates before it changes anything: an {@link OutOfMemoryError} leaves all as it was.
 */
final class KeyPlaces {
    static final long NONE = -1;

    private static final int INITIAL_CAPACITY = 64;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    /** Pairs of a key and a number; the number is kept as one more, so that 0 is a free place. */
    private long[] entries;

    private int size;

    private final QueueArrays arrays;

    KeyPlaces(QueueArrays arrays) {
        this.arrays = arrays;
        this.entries = arrays.longs(2 * INITIAL_CAPACITY);
    }

    /** The number that was put for a key, or {@link #NONE}. */
    long get(long key) {
        return entries[2 * indexOf(key, entries) + 1] - 1;
    }

    /** How many keys it knows, those that have left included. */
    int size() {
        return size;
    }

    int capacity() {
        return entries.length / 2;
    }

    /** Sets the number of a key. What has a number below the first one may be forgotten. */
    void put(long key, long number, long firstNumber) {
        int index = indexOf(key, entries);
        if (entries[2 * index + 1] == 0 && isFull()) {
            makeRoom(firstNumber);
            index = indexOf(key, entries);
        }
        if (entries[2 * index + 1] == 0) {
            size++;
        }
        entries[2 * index] = key;
        entries[2 * index + 1] = number + 1;
    }

    void clear() {
        Arrays.fill(entries, 0);
        size = 0;
    }

    private boolean isFull() {
        return 3 * (size + 1) > 2 * capacity();
    }

    private void makeRoom(long firstNumber) {
        forgetBelow(firstNumber);
        if (3 * size > capacity()) {
            grow();
        }
    }

    private void grow() {
        long[] larger = arrays.longs(2 * entries.length);
        for (int i = 0; i < entries.length; i += 2) {
            if (entries[i + 1] != 0) {
                int index = indexOf(entries[i], larger);
                larger[2 * index] = entries[i];
                larger[2 * index + 1] = entries[i + 1];
            }
        }
        entries = larger;
    }

    private void forgetBelow(long firstNumber) {
        for (int i = 0; i < capacity(); ) {
            long number = entries[2 * i + 1];
            if (number != 0 && number <= firstNumber) {
                remove(i); // what moves here is looked at too
            } else {
                i++;
            }
        }
    }

    /** Moves back what lies behind it and would not be found any more (Knuth 6.4, algorithm R). */
    private void remove(int removed) {
        int mask = capacity() - 1;
        int free = removed;
        for (int i = (free + 1) & mask; entries[2 * i + 1] != 0; i = (i + 1) & mask) {
            int home = homeOf(entries[2 * i], mask);
            if (((i - home) & mask) >= ((i - free) & mask)) {
                entries[2 * free] = entries[2 * i];
                entries[2 * free + 1] = entries[2 * i + 1];
                free = i;
            }
        }
        entries[2 * free + 1] = 0;
        size--;
    }

    /** Where the key is, or the free place for it: there always is one. */
    private static int indexOf(long key, long[] table) {
        int mask = table.length / 2 - 1;
        int index = homeOf(key, mask);
        while (table[2 * index + 1] != 0 && table[2 * index] != key) {
            index = (index + 1) & mask;
        }
        return index;
    }

    private static int homeOf(long key, int mask) {
        return (int) ((key * SPREAD) >>> 32) & mask;
    }
}
