/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * Some messages of one queue on their way to other memory: found under the queue's lock, copied under no lock, and
 * exchanged under the lock again, each in its place. From the first step to {@link #clear} this holds a reference of
 * its own to each, so no place can hold another message by the same object meanwhile.
 *
 * <p>Used by one thread at a time, that of the {@link Evacuation}; so nothing is allocated for a queue.
 */
final class Evacuees {
    /** How many are moved at once, and as many places are looked at under one hold of the lock. */
    static final int MAX = 512;

    /** There is nothing more to look at. */
    static final long END = -1;

    private final @Nullable SendBuffer[] originals = new SendBuffer[MAX];
    private final long[] numbers = new long[MAX];
    private int count;

    /** What the queue has given up: released under no lock. */
    private final @Nullable SendBuffer[] replaced = new SendBuffer[MAX];

    private int replacedCount;

    /** The first message that a later pass has to look at again. */
    private long unsettled;

    int count() {
        return count;
    }

    SendBuffer original(int index) {
        SendBuffer original = originals[index];
        if (original == null) {
            throw new AssertionError("no message at " + index);
        }
        return original;
    }

    /** Another queue comes. */
    void begin() {
        unsettled = Long.MAX_VALUE;
    }

    /**
     * Where a later pass may begin in this queue: what is before was moved, or is in a chunk that was worth keeping.
     */
    long unsettled() {
        return unsettled;
    }

    /**
     * Finds messages that wait in the queue's ring and are to be moved.
     *
     * @param from the number of the first message to look at
     * @return the number to continue from, or {@link #END}
     */
    long find(Backlog backlog, long from) {
        synchronized (backlog) {
            if (backlog.isClosed()) {
                return END;
            }
            long number = Math.max(from, backlog.firstNumber());
            long end = backlog.nextNumber();
            long stop = Math.min(end, number + MAX);
            for (; number < stop; number++) {
                SendBuffer message = backlog.at(number);
                if (message == null) {
                    continue;
                }
                Chunk chunk = message.chunk();
                if (chunk.ageOpaque() == Chunk.CURRENT && !chunk.forConstant) {
                    unsettled = Math.min(unsettled, number); // what becomes of that chunk is not known yet
                }
                add(message, number);
            }
            if (number < end) {
                return number;
            }
            unsettled = Math.min(unsettled, number);
            return END;
        }
    }

    /** Finds those that an earlier write has left in the queue's window. None if a thread drains the queue. */
    void findInWindow(SendQueue queue) {
        Backlog backlog = queue.backlog();
        synchronized (backlog) {
            if (!backlog.isClosed() && queue.drainState().casIdleToExchanging()) {
                try {
                    queue.window().forEach(this);
                } finally {
                    queue.drainState().setIdleVolatile();
                }
            }
        }
    }

    /** Takes a message along if it is to be moved. */
    void add(SendBuffer message, long number) {
        if (message.isToBeMoved() && message.tryRetainReferences(1)) {
            originals[count] = message;
            numbers[count] = number;
            count++;
        }
    }

    /** Puts the copies into the places of those that still wait in the ring. */
    void exchange(Backlog backlog, Evacuation copies) {
        synchronized (backlog) {
            if (backlog.isClosed()) {
                return;
            }
            long end = backlog.nextNumber();
            for (int i = 0; i < count && numbers[i] < end; i++) {
                SendBuffer original = original(i);
                SendBuffer copy = copies.copyOf(original);
                if (copy != null && numbers[i] >= backlog.firstNumber() && backlog.at(numbers[i]) == original) {
                    copy.retain();
                    backlog.replace(numbers[i], copy);
                    giveUp(original);
                }
            }
        }
    }

    /** Likewise for those that still are in the window, in whatever place. */
    void exchangeInWindow(SendQueue queue, Evacuation copies) {
        Backlog backlog = queue.backlog();
        synchronized (backlog) {
            if (count > 0 && !backlog.isClosed() && queue.drainState().casIdleToExchanging()) {
                try {
                    queue.window().exchange(this, copies);
                } finally {
                    queue.drainState().setIdleVolatile();
                }
            }
        }
    }

    /** The queue's reference to a message is to be released. */
    void giveUp(SendBuffer original) {
        replaced[replacedCount++] = original;
    }

    /** Releases what the queue gave up, and then what this holds. Whatever one throws, all are released. */
    void clear(ChunkStore store) {
        while (replacedCount > 0) {
            SendBuffer message = replaced[--replacedCount];
            replaced[replacedCount] = null;
            release(message, store);
        }
        while (count > 0) {
            SendBuffer message = originals[--count];
            originals[count] = null;
            release(message, store);
        }
    }

    /** Whatever that throws is reported: for instance, the message was released too often elsewhere. */
    static void release(@Nullable SendBuffer message, ChunkStore store) {
        try {
            if (message != null) {
                message.release();
            }
        } catch (Throwable e) {
            store.report(e);
        }
    }
}
