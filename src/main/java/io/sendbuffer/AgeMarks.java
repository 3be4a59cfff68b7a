/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * How long the messages of a queue have waited, without a time for each of them: marks say how many messages the queue
 * had accepted at a moment. A message that came before a mark is at least as old as the mark. Made for the queues that
 * have a limit on age, and written when a clock looks at them, so that no offer reads a clock. Guarded by the queue's
 * lock.
 *
 * <p>A mark is made at most every 32nd of the limit, so a message is found to be too old that much too late at most.
 */
final class AgeMarks {
    /** One mark is older than the limit, the others are of the time since; a ring, so a power of two. */
    private static final int MAX_MARKS = 64;

    private static final int MARKS_PER_AGE = 32;

    private final long[] counts = new long[MAX_MARKS];
    private final long[] times = new long[MAX_MARKS];
    private int first;
    private int size;

    /** How long until the next mark may be made, in nanoseconds. */
    static long intervalNanos(long maxAgeNanos) {
        return Math.max(1, maxAgeNanos / MARKS_PER_AGE);
    }

    /** A clock looks at the queue. */
    void mark(long accepted, long nowNanos, long maxAgeNanos) {
        boolean isNew = size == 0
                || (counts[slot(size - 1)] < accepted
                        && nowNanos - times[slot(size - 1)] >= intervalNanos(maxAgeNanos));
        if (isNew && size < MAX_MARKS) {
            counts[slot(size)] = accepted;
            times[slot(size)] = nowNanos;
            size++;
        }
    }

    /** How many messages had been accepted longer ago than that; 0 if that is not known of any. */
    long acceptedBefore(long nowNanos, long ageNanos) {
        while (size > 1 && nowNanos - times[slot(1)] >= ageNanos) {
            first = slot(1);
            size--;
        }
        return size > 0 && nowNanos - times[first] >= ageNanos ? counts[first] : 0;
    }

    /**
     * How long ago no more than this many had been accepted, as far as is known; {@link Long#MAX_VALUE} if it isn't.
     */
    long nanosSinceNoMoreThan(long count, long nowNanos) {
        long nanos = Long.MAX_VALUE;
        for (int i = 0; i < size && counts[slot(i)] <= count; i++) {
            nanos = nowNanos - times[slot(i)];
        }
        return nanos;
    }

    /**
     * A message was taken out before its turn: that many had been accepted before it and had not left by other ways.
     */
    void takenOut(long ordinal) {
        for (int i = size - 1; i >= 0 && counts[slot(i)] > ordinal; i--) {
            counts[slot(i)]--;
        }
    }

    private int slot(int index) {
        return (first + index) & (MAX_MARKS - 1);
    }
}
