/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * Where in a log the messages belong that wait in one queue: behind the messages that the log had when they were
 * offered, and before those that were appended later. Kept as runs, since messages that are offered with no append in
 * between share a place. The holes of the ring are counted as the messages were that left them. Guarded by the queue's
 * lock.
 */
final class QueueOrder {
    private static final int INITIAL_RUNS = 4;

    /** Messages that were offered before the subscription began: they go first. */
    private int free;

    private long[] positions = new long[INITIAL_RUNS];
    private int[] counts = new int[INITIAL_RUNS];
    private int head;
    private int size;

    QueueOrder(int waiting) {
        this.free = waiting;
    }

    /** Makes room for one more run, or throws and has changed nothing. */
    void reserve() {
        if (size < positions.length) {
            return;
        }
        long[] morePositions = new long[2 * size];
        int[] moreCounts = new int[2 * size];
        for (int i = 0; i < size; i++) {
            morePositions[i] = positions[slot(i)];
            moreCounts[i] = counts[slot(i)];
        }
        positions = morePositions;
        counts = moreCounts;
        head = 0;
    }

    /** The next messages belong before this position. There is room for the run. */
    void add(int messages, long position) {
        int last = slot(size - 1);
        if (size > 0 && positions[last] >= position) {
            counts[last] += messages;
            return;
        }
        positions[slot(size)] = position;
        counts[slot(size)] = messages;
        size++;
    }

    /** The messages that were noted last are not queued after all. */
    void takeBack(int messages) {
        int last = slot(size - 1);
        counts[last] -= messages;
        if (counts[last] == 0) {
            size--;
        }
    }

    /** True if the first message that waits may be written by a drainer whose cursor is at this position. */
    boolean mayBeWritten(long cursor) {
        return free > 0 || size == 0 || positions[head] <= cursor;
    }

    /** The first message that waits was taken, and the holes behind it: this many places in all. */
    void passed(int places) {
        int ofFree = Math.min(free, places);
        free -= ofFree;
        for (int left = places - ofFree; left > 0 && size > 0; ) {
            int ofRun = Math.min(counts[head], left);
            left -= ofRun;
            counts[head] -= ofRun;
            if (counts[head] == 0) {
                head = slot(1);
                size--;
            }
        }
    }

    /** The ring is about to have no holes any more. */
    void forgetHoles(MessageRing ring) {
        int index = free;
        free -= ring.holesAmong(0, free);
        int runs = size;
        size = 0;
        for (int i = 0; i < runs; i++) {
            int run = slot(i);
            int count = counts[run];
            int left = count - ring.holesAmong(index, count);
            index += count;
            if (left > 0) {
                int kept = slot(size++);
                positions[kept] = positions[run];
                counts[kept] = left;
            }
        }
    }

    /** True if messages wait that were offered before the subscription began: neither log nor snapshot goes first. */
    boolean hasFree() {
        return free > 0;
    }

    /** The position that the cursor may not pass before the first message that waits is written. */
    long limit() {
        if (free > 0) {
            return 0;
        }
        return size == 0 ? Long.MAX_VALUE : positions[head];
    }

    private int slot(int index) {
        return (head + index) & (positions.length - 1);
    }
}
