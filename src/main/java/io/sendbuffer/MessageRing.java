/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait, first in, first out. Guarded by its queue's lock until the queue ends; then the thread that
 * ends the queue owns it.
 *
 * <pre>{@code
 * poll <-- ring, 8 to 512 places <-- segment of 512 <-- ... <-- segment of 512 <-- add
 *          doubled by copying        linked when the ring is full: nothing is copied, so no thread waits
 * }</pre>
 *
 * <p>A segment becomes the ring when the ring before it is empty. What is emptied is spare for the next one, so a
 * steady load allocates nothing; what a burst left behind is given up when it is little used.
 *
 * <p>A message that is taken out before its turn leaves a hole, which is passed when its turn comes. The first place is
 * never a hole, and no more than half of the places are for long.
 *
 * <p>An add allocates before it changes anything: an {@link OutOfMemoryError} leaves all as it was.
 */
class MessageRing {
    /** Places of the largest ring that is made by copying, and of a segment. */
    private static final int SEGMENT = RingOverflow.SEGMENT;

    private static final int INITIAL_CAPACITY = 8;

    private static final int MIN_HOLES = 64;

    /**
     * A ring shrinks when drains have found it empty this many times for each of its places. If the next burst makes it
     * grow again, that costs a few hundredths of a byte for each of those drains; more only for rings of over 64
     * places.
     */
    private static final int TIMES_EMPTY_FOR_EACH_PLACE = 256;

    private static final int MAX_PLACES_COUNTED = 64;

    /** After a backlog of segments it shrinks sooner, and to this at once. */
    private static final int TIMES_EMPTY_AFTER_A_BACKLOG = 400;

    private static final int CAPACITY_AFTER_A_BACKLOG = 64;

    private static final @Nullable SendBuffer[] NO_PLACES = {};

    private final QueueArrays arrays;

    private @Nullable SendBuffer[] messages;
    private int head;
    private int size;

    /** The number of the first place. */
    private long taken;

    private int holes;

    /** What came after the ring was full. Made when that comes first, and given up with its last spare segment. */
    private @Nullable RingOverflow overflow;

    /** The most messages since the ring was last asked to shrink. */
    private int maxMessages;

    /** How often the ring is to be found empty before it is asked to shrink. */
    private int timesToShrink;

    /** True if there were segments since it last shrank. */
    private boolean backlogged;

    MessageRing(QueueArrays arrays) {
        this.arrays = arrays;
        this.messages = arrays.messages(INITIAL_CAPACITY);
        this.timesToShrink = patience();
    }

    final QueueArrays arrays() {
        return arrays;
    }

    /** How many messages it takes before it allocates. */
    final int capacity() {
        RingOverflow behind = overflow;
        return messages.length + (behind == null ? 0 : behind.capacity());
    }

    final boolean isEmpty() {
        return size == 0;
    }

    /** How many messages wait. */
    final int waiting() {
        return places() - holes;
    }

    /** Likewise, with the holes. */
    final int places() {
        RingOverflow behind = overflow;
        return behind == null ? size : size + behind.places();
    }

    /** Adds a message, or in case of an Error does not: no call that may fail comes after the store. */
    final void add(SendBuffer message) {
        if ((overflow != null || size == messages.length) && isAddedBehind(message)) {
            return;
        }
        messages[(head + size) & (messages.length - 1)] = message;
        if (++size > maxMessages) {
            maxMessages = size;
        }
    }

    /** Adds it behind the ring, or makes room in the ring. */
    private boolean isAddedBehind(SendBuffer message) {
        RingOverflow behind = makeRoom(1);
        if (behind == null) {
            return false;
        }
        noteSegments(behind, 1);
        behind.add(message);
        return true;
    }

    /**
     * Adds the first messages of an array: all, or in case of an Error none. All are copied, to where none is looked
     * for, before the first one counts.
     */
    final void addAll(@Nullable SendBuffer[] source, int count) {
        RingOverflow behind = overflow != null || count > messages.length - size ? makeRoom(count) : null;
        boolean isRingFull = behind != null && !behind.isEmpty();
        int toRing = isRingFull ? 0 : Math.min(count, messages.length - size);
        copyToRing(source, toRing);
        RingOverflow.Segment first = null;
        if (behind != null && toRing < count) {
            noteSegments(behind, count - toRing);
            first = behind.copy(source, toRing, count);
        }
        if (first != null) {
            RingOverflow.count(first, count - toRing); // the last call: what it does not count, nothing counts
        }
        size += toRing;
        if (size > maxMessages) {
            maxMessages = size;
        }
    }

    private void noteSegments(RingOverflow behind, int count) {
        backlogged = true;
        timesToShrink = Math.min(timesToShrink, TIMES_EMPTY_AFTER_A_BACKLOG);
        maxMessages = Math.max(maxMessages, messages.length + behind.places() + count);
    }

    private void copyToRing(@Nullable SendBuffer[] source, int count) {
        int tail = (head + size) & (messages.length - 1);
        if (count == 1) { // as most batches are, once their neighbors are merged
            messages[tail] = source[0];
        } else {
            int untilEnd = Math.min(count, messages.length - tail);
            System.arraycopy(source, 0, messages, tail, untilEnd);
            System.arraycopy(source, untilEnd, messages, 0, count - untilEnd);
        }
    }

    /** Takes the oldest message, or null. */
    @Nullable
    final SendBuffer poll() {
        if (size == 0) {
            return null;
        }
        SendBuffer oldest = messages[head];
        passFirst();
        if (holes > 0) {
            passHoles();
            return oldest == null ? poll() : oldest; // a hole is first where the stack ended while holes were passed
        }
        return oldest;
    }

    private void passFirst() {
        messages[head] = null;
        head = (head + 1) & (messages.length - 1);
        taken++;
        if (--size == 0 && overflow != null) {
            passOverflow(overflow);
        }
    }

    /** The ring is empty: the oldest segment becomes the ring, and the ring a spare segment. */
    private void passOverflow(RingOverflow behind) {
        if (!behind.isEmpty()) {
            int next = behind.sizeOfFirst();
            messages = behind.pass(messages);
            head = 0;
            size = next;
        }
    }

    private void passHoles() {
        while (size > 0 && messages[head] == null) {
            holes--;
            passFirst();
        }
    }

    /** Keeps no memory. Only for an empty ring that no message is added to any more. */
    final void giveUpPlaces() {
        messages = NO_PLACES;
        overflow = null;
    }

    /** The message that comes out after this many others; null if there is none, or if it is in a later segment. */
    @Nullable
    final SendBuffer peek(int index) {
        return index < size ? messages[(head + index) & (messages.length - 1)] : null;
    }

    // ---- by number

    /**
     * The number of the first message that waits, or of the next one if none does. Messages are numbered in the order
     * in which they come, and a number belongs to one message only, but for a {@link #compact}, which gives those that
     * wait larger ones.
     */
    final long firstNumber() {
        return taken;
    }

    /** The number that the next message will get. It only grows. */
    final long nextNumber() {
        return taken + places();
    }

    /**
     * The message with this number, from {@link #firstNumber()} to {@link #nextNumber()}; null if it was taken out.
     * Takes a step for each 512 places before it.
     */
    @Nullable
    final SendBuffer at(long number) {
        return exchange(number, null, false);
    }

    /** Puts another message where the one with this number waits, and returns that one. Takes as many steps. */
    @Nullable
    final SendBuffer replace(long number, SendBuffer other) {
        return exchange(number, other, true);
    }

    private @Nullable SendBuffer exchange(long number, @Nullable SendBuffer other, boolean isStored) {
        int index = (int) (number - taken);
        if (index >= size && overflow != null) {
            return overflow.exchange(index - size, other, isStored);
        }
        int place = (head + index) & (messages.length - 1);
        SendBuffer waits = messages[place];
        if (isStored) { // the last step: an Error comes before it
            messages[place] = other;
        }
        return waits;
    }

    /** Takes out the message with this number, wherever it waits. Takes as many steps. */
    @Nullable
    final SendBuffer takeOut(long number) {
        if (number == taken) {
            return poll();
        }
        SendBuffer taken = exchange(number, null, true);
        holes++;
        return taken;
    }

    // ---- holes

    /** True if more places are holes than not, and enough of them that it is worth while to {@link #compact}. */
    final boolean isSparse() {
        return holes >= MIN_HOLES && holes >= waiting();
    }

    /** How many of these places are holes; the first place has the index 0. */
    final int holesAmong(int index, int count) {
        int found = 0;
        for (int i = index; i < index + count; i++) {
            if (at(taken + i) == null) {
                found++;
            }
        }
        return found;
    }

    /**
     * Moves the messages together, in their order. The last one keeps its number: a number that was larger than all is
     * so still, and one that was passed, too. Allocates nothing.
     */
    final void compact() {
        int places = size;
        size = 0;
        for (int i = 0; i < places; i++) {
            int place = (head + i) & (messages.length - 1);
            SendBuffer message = messages[place];
            messages[place] = null;
            if (message != null) {
                putIfRoom(message);
            }
        }
        if (overflow != null) {
            overflow.compact(this);
        }
        taken += holes;
        holes = 0;
    }

    /** Adds a message that waits already. False if the ring is full. */
    final boolean putIfRoom(SendBuffer message) {
        if (size == messages.length) {
            return false;
        }
        messages[(head + size) & (messages.length - 1)] = message;
        size++;
        return true;
    }

    // ---- growing

    /**
     * Makes the ring larger, or provides enough spare segments, for this many more.
     *
     * @return what comes behind the ring; null if the ring has room for all
     */
    private @Nullable RingOverflow makeRoom(int count) {
        RingOverflow behind = overflow;
        if (behind == null || behind.isEmpty()) {
            if (size + count <= messages.length) {
                return null;
            }
            if (size + count <= SEGMENT) {
                grow(BitUtil.findNextPositivePowerOfTwo(size + count));
                return null;
            }
        }
        if (behind == null) {
            behind = new RingOverflow();
        }
        int room = behind.isEmpty() ? messages.length - size : 0;
        behind.makeRoom(count - room, arrays);
        overflow = behind;
        return behind;
    }

    private void grow(int capacity) {
        if (capacity > messages.length) {
            @Nullable SendBuffer[] larger = arrays.messages(capacity);
            int untilEnd = messages.length - head;
            System.arraycopy(messages, head, larger, 0, untilEnd);
            System.arraycopy(messages, 0, larger, untilEnd, head);
            messages = larger;
            head = 0;
            timesToShrink = patience();
        }
    }

    // ---- becoming smaller

    /**
     * If the ring is empty, its receiver keeps up: a ring that a backlog made large becomes smaller again once it was
     * found empty often enough without having been filled beyond a quarter. A steady load never gets there, so it
     * allocates nothing. A ring with messages that wait for a log stays as it is.
     */
    final void shrinkIfLittleUsed() {
        if (size > 0) {
            return;
        }
        if (--timesToShrink <= 0) {
            shrink();
            timesToShrink = patience();
            maxMessages = 0;
        }
    }

    private int patience() {
        return backlogged
                ? TIMES_EMPTY_AFTER_A_BACKLOG
                : TIMES_EMPTY_FOR_EACH_PLACE * Math.min(MAX_PLACES_COUNTED, messages.length);
    }

    private void shrink() {
        if (overflow != null) {
            overflow.keepSpares(maxMessages / SEGMENT);
            if (!overflow.hasSpares()) {
                overflow = null;
            }
        }
        if (messages.length > INITIAL_CAPACITY && maxMessages <= messages.length / 4) {
            int smaller = backlogged ? Math.max(CAPACITY_AFTER_A_BACKLOG, 2 * maxMessages) : messages.length / 2;
            replace(BitUtil.findNextPositivePowerOfTwo(Math.min(smaller, messages.length)));
            backlogged = false;
        }
    }

    private void replace(int capacity) {
        try {
            messages = arrays.messages(capacity);
            head = 0;
        } catch (OutOfMemoryError e) {
            return; // it stays as large as it is, which does no harm: the next attempt will do
        }
    }
}
