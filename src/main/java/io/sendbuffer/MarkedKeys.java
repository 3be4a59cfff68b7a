/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one queue whose values have changed since they were asked for: a bit for each. Any thread marks, without
 * a lock; the drainer takes.
 *
 * <p>No mark is lost: a thread sets the bit, then {@link #any}, and then flushes. A drainer clears {@code any} before
 * it walks the bits, clears each bit before it asks for the value, and looks at {@code any} once more when it has left
 * the drain. All are volatile accesses: of a thread that marks and a drainer that leaves, one sees the other.
 */
final class MarkedKeys {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final VarHandle CONFLATED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "conflated", VarHandle.class, MarkedKeys.class, long.class);

    private static final VarHandle ASKED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "asked", VarHandle.class, MarkedKeys.class, long.class);

    private static final int MAX_KEYS = 1 << 24;
    private static final int NONE = -1;
    private static final int LATER = -2;

    /**
     * How much of values is asked for at once: what waits in a write grows old. About half of what a socket takes at
     * once by default, so that is no reason for more writes.
     */
    private static final int BYTES_AT_ONCE = 64 << 10;

    private final ValueSource source;
    final int count;
    private final long[] words;

    /** Some key may be marked. */
    volatile boolean any;

    /** The queue accepts nothing more. Written under its lock. */
    volatile boolean over;

    @SuppressWarnings("unused")
    private long conflated;

    /** Written by the drainer. */
    private long asked;

    /** Owned by the drainer: where the next look begins, so that all keys have their turn. */
    private int next;

    /** Guarded by the queue's lock: the last write was one of messages, and the next one is one of values. */
    private boolean valuesAreNext;

    MarkedKeys(ValueSource source, int count) {
        this.source = source;
        Checks.inRange("keys", count, 1, MAX_KEYS);
        this.count = count;
        this.words = new long[(count + Long.SIZE - 1) / Long.SIZE];
    }

    // ---- any thread

    /** False if the queue accepts nothing more. */
    boolean mark(int key) {
        if (over) {
            return false;
        }
        long bit = 1L << key;
        // Always a write, also where the bit is set: what this thread did before happens-before the taking.
        long before = (long) WORDS.getAndBitwiseOr(words, key / Long.SIZE, bit);
        if (!any) {
            any = true; // after the bit: whoever finds it looks at the bits
        }
        if ((before & bit) != 0) {
            CONFLATED.getAndAdd(this, 1L);
        }
        return true;
    }

    long conflatedOpaque() {
        return (long) CONFLATED.getOpaque(this);
    }

    int marked() {
        int marked = 0;
        for (int word = 0; word < words.length; word++) {
            marked += Long.bitCount(wordVolatile(word));
        }
        return marked;
    }

    /** How many values were asked for. */
    long askedOpaque() {
        return (long) ASKED.getOpaque(this);
    }

    // ---- under the queue's lock

    /**
     * Messages and values take turns, a write each, if there are both. Messages begin: what was queued first, a
     * snapshot or an answer, is to come before values.
     */
    boolean isTurnOfMessages(boolean anyWaits) {
        boolean isTheirs = anyWaits && !valuesAreNext;
        valuesAreNext |= isTheirs;
        return isTheirs;
    }

    void valuesHadTheirTurn() {
        valuesAreNext = false;
    }

    // ---- the drainer

    /**
     * Asks for the values of marked keys and puts them into the window, which is empty, for one write. What the user
     * throws ends the drain.
     *
     * @return false if the queue was closed meanwhile
     */
    static boolean insert(SendQueue queue) {
        MarkedKeys keys = queue.backlog().markedKeys();
        return keys == null || !keys.any || keys.insertInto(queue);
    }

    private boolean insertInto(SendQueue queue) {
        StackRoom.require();
        any = false; // before the walk: what is marked later sets it again
        long bytes = 0;
        int messages = 0;
        int key = 0;
        int last = next; // each key once
        int left = count;
        while (bytes < BYTES_AT_ONCE && queue.window().hasRoom() && (key = take(left)) >= 0) {
            left -= distance(last, key) + 1;
            last = next;
            ASKED.setOpaque(this, asked + 1);
            int length = insert(queue, source.newest(key));
            bytes += length;
            messages += length > 0 ? 1 : 0;
        }
        if (key != NONE) {
            any = true; // the others have their turn in the next write
        }
        return queue.backlog().countValues(this, bytes, messages);
    }

    private static int insert(SendQueue queue, @Nullable SendBuffer value) {
        if (value == null) {
            return 0;
        }
        boolean taken = false;
        try {
            int length = value.checkedSealedLength();
            ChunkStore of = value.chunk().store;
            if (length > 0 && !queue.backlog().isKnownTo(of)) {
                queue.holder.makeKnownTo(of); // without memory for that, the value is sent unknown
            }
            if (length > 0) {
                taken = true; // before it is: at the end of the stack it is better lost than released twice
                queue.window().add(value);
            }
            return length;
        } finally {
            if (!taken) {
                value.release();
            }
        }
    }

    private int distance(int from, int key) {
        return key >= from ? key - from : key - from + count;
    }

    /**
     * Takes the mark off the next key that has one; {@link #NONE} if there is none; {@link #LATER} if it is farther
     * away than that.
     */
    private int take(int most) {
        int word = next / Long.SIZE;
        long marked = wordVolatile(word) & (-1L << next);
        for (int i = 0; marked == 0 && i < words.length; i++) {
            word = word + 1 == words.length ? 0 : word + 1;
            marked = wordVolatile(word);
        }
        if (marked == 0) {
            return NONE;
        }
        int key = word * Long.SIZE + Long.numberOfTrailingZeros(marked);
        if (distance(next, key) >= most) {
            return LATER;
        }
        WORDS.getAndBitwiseAnd(words, word, ~(1L << key)); // before the value is asked for
        next = key + 1 == count ? 0 : key + 1;
        return key;
    }

    private long wordVolatile(int word) {
        return (long) WORDS.getVolatile(words, word);
    }
}
