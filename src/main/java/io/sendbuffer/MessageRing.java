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
    /** Places of a segment, and of the largest ring that is made by copying. */
    static final int SEGMENT = 512;

    private static final int INITIAL_CAPACITY = 8;

    private static final int MIN_HOLES = 64;

    /** Spare segments that an endless backlog has not used while this many of its segments passed are given up. */
    private static final int SEGMENTS_PASSED = 256;

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

    /** What came after the ring was full; the ring is not empty while there are any. */
    private @Nullable Segment first;

    private @Nullable Segment last;
    private int segments;

    private @Nullable Segment spare;
    private int spares;

    /** The most messages, and how often the ring was empty, since it was last asked to shrink. */
    private int maxMessages;

    private int timesEmpty;

    /** True if there were segments since it last shrank. */
    private boolean backlogged;

    /** The most segments, and how many became the ring, since spare ones were last given up. */
    private int maxSegments;

    private int segmentsPassed;

    private static final class Segment {
        private @Nullable SendBuffer[] messages;
        private int size;
        private @Nullable Segment next;

        Segment(@Nullable SendBuffer[] messages) {
            this.messages = messages;
        }
    }

    MessageRing(QueueArrays arrays) {
        this.arrays = arrays;
        this.messages = arrays.messages(INITIAL_CAPACITY);
    }

    final QueueArrays arrays() {
        return arrays;
    }

    /** How many messages it takes before it allocates. */
    final int capacity() {
        return messages.length + (segments + spares) * SEGMENT;
    }

    final boolean isEmpty() {
        return size == 0;
    }

    /** How many messages wait. */
    final int waiting() {
        return places() - holes;
    }

    /** Likewise, with the holes. All segments but the last one are full. */
    final int places() {
        Segment tail = last;
        return tail == null ? size : size + (segments - 1) * SEGMENT + tail.size;
    }

    /** Adds a message, or in case of an Error does not: no call that may fail comes after the store. */
    final void add(SendBuffer message) {
        if (last != null || size == messages.length) {
            makeRoom(1);
            if (last != null || size == messages.length) {
                Segment tail = tail();
                tail.messages[tail.size] = message;
                tail.size++;
                return;
            }
        }
        messages[(head + size) & (messages.length - 1)] = message;
        if (++size > maxMessages) {
            maxMessages = size;
        }
    }

    /**
     * Adds the first messages of an array: all, or in case of an Error none. All are copied, to where none is looked
     * for, before the first one counts.
     */
    final void addAll(@Nullable SendBuffer[] source, int count) {
        if (last != null || count > messages.length - size) {
            makeRoom(count);
        }
        int toRing = last == null ? Math.min(count, messages.length - size) : 0;
        copyToRing(source, toRing);
        Segment first = toRing == count ? null : copyToSegments(source, toRing, count);
        size += toRing;
        if (size > maxMessages) {
            maxMessages = size;
        }
        int left = count - toRing;
        for (Segment segment = first; segment != null && left > 0; segment = segment.next) {
            int some = left < SEGMENT - segment.size ? left : SEGMENT - segment.size;
            segment.size += some;
            left -= some;
        }
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

    /** Returns the first segment that it copied to. */
    private Segment copyToSegments(@Nullable SendBuffer[] source, int from, int count) {
        Segment first = tail();
        Segment segment = first;
        for (int copied = from; ; segment = append()) {
            int some = Math.min(count - copied, SEGMENT - segment.size);
            System.arraycopy(source, copied, segment.messages, segment.size, some);
            copied += some;
            if (copied == count) {
                return first;
            }
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
        if (--size == 0 && first != null) {
            pass(first);
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
        spare = null;
        spares = 0;
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
        @Nullable SendBuffer[] places = messages;
        int count = size;
        for (Segment next = first; index >= count && next != null; next = next.next) {
            index -= count;
            count = next.size;
            places = next.messages;
        }
        if (places == messages) {
            index = (head + index) & (messages.length - 1);
        }
        SendBuffer waits = places[index];
        if (isStored) { // the last step: an Error comes before it
            places[index] = other;
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
        int kept = 0;
        for (int i = 0; i < size; i++) {
            SendBuffer message = takeFromRing(i);
            if (message != null) {
                putInRing(kept++, message);
            }
        }
        Segment target = first;
        int inTarget = 0;
        for (Segment source = first; source != null && target != null; source = source.next) {
            for (int i = 0; i < source.size; i++) {
                SendBuffer message = source.messages[i];
                source.messages[i] = null;
                if (message != null && kept < messages.length) {
                    putInRing(kept++, message);
                } else if (message != null) {
                    if (inTarget == SEGMENT && target.next != null) {
                        target = target.next;
                        inTarget = 0;
                    }
                    target.messages[inTarget++] = message;
                }
            }
        }
        size = kept;
        taken += holes;
        holes = 0;
        endAt(inTarget == 0 ? null : target, inTarget);
    }

    private @Nullable SendBuffer takeFromRing(int index) {
        int place = (head + index) & (messages.length - 1);
        SendBuffer message = messages[place];
        messages[place] = null;
        return message;
    }

    private void putInRing(int index, SendBuffer message) {
        messages[(head + index) & (messages.length - 1)] = message;
    }

    /** This segment is the last one with messages, and has that many; null if no segment has any. */
    private void endAt(@Nullable Segment end, int count) {
        Segment empty = end == null ? first : end.next;
        if (end == null) {
            first = null;
        } else {
            end.size = count;
            end.next = null;
        }
        last = end;
        while (empty != null) {
            Segment next = empty.next;
            empty.size = 0;
            putAside(empty);
            segments--;
            empty = next;
        }
    }

    // ---- growing

    /** Makes the ring larger, or provides enough spare segments, for this many more. */
    private void makeRoom(int count) {
        if (last == null && size + count <= SEGMENT) {
            grow(BitUtil.findNextPositivePowerOfTwo(size + count));
            return;
        }
        int room = last == null ? messages.length - size : SEGMENT - last.size;
        while (room + (long) spares * SEGMENT < count) {
            putAside(new Segment(arrays.messages(SEGMENT)));
        }
    }

    private void grow(int capacity) {
        if (capacity > messages.length) {
            @Nullable SendBuffer[] larger = arrays.messages(capacity);
            int untilEnd = messages.length - head;
            System.arraycopy(messages, head, larger, 0, untilEnd);
            System.arraycopy(messages, 0, larger, untilEnd, head);
            messages = larger;
            head = 0;
        }
    }

    /** The segment to add to, which has room; a spare one is there if it is needed. */
    private Segment tail() {
        Segment tail = last;
        return tail != null && tail.size < SEGMENT ? tail : append();
    }

    private Segment append() {
        Segment fresh = spare;
        if (fresh == null) {
            throw new AssertionError("no segment where room was made");
        }
        maxSegments = Math.max(maxSegments, segments + 1);
        maxMessages = Math.max(maxMessages, (segments + 2) * SEGMENT);
        backlogged = true;
        spare = fresh.next;
        spares--;
        fresh.next = null;
        if (last == null) {
            first = fresh;
        } else {
            last.next = fresh;
        }
        last = fresh;
        segments++;
        return fresh;
    }

    // ---- becoming smaller

    /** The ring is empty: the oldest segment becomes the ring, and the ring a spare segment. */
    private void pass(Segment oldest) {
        @Nullable SendBuffer[] emptied = messages;
        messages = oldest.messages;
        head = 0;
        size = oldest.size;
        first = oldest.next;
        if (first == null) {
            last = null;
        }
        segments--;
        if (emptied.length == SEGMENT) { // else it was a small ring, before a batch that was larger
            oldest.messages = emptied;
            oldest.size = 0;
            putAside(oldest);
        }
        if (++segmentsPassed > 2 * (segments + spares) + SEGMENTS_PASSED) {
            keepSpares(maxSegments - segments); // the backlog is shorter than it was, but does not end
            segmentsPassed = 0;
            maxSegments = segments;
        }
    }

    private void putAside(Segment empty) {
        empty.next = spare;
        spare = empty;
        spares++;
    }

    private void keepSpares(int count) {
        while (spare != null && spares > count) {
            spare = spare.next;
            spares--;
        }
    }

    /**
     * If the ring is empty, its receiver keeps up: a ring that a backlog made large becomes smaller again once it was
     * found empty often enough without having been filled beyond a quarter. A steady load never gets there, so it
     * allocates nothing. A ring with messages that wait for a log stays as it is.
     */
    final void shrinkIfLittleUsed() {
        if (size > 0) {
            return;
        }
        int patience = backlogged
                ? TIMES_EMPTY_AFTER_A_BACKLOG
                : TIMES_EMPTY_FOR_EACH_PLACE * Math.min(MAX_PLACES_COUNTED, messages.length);
        if (++timesEmpty >= patience) {
            shrink();
            timesEmpty = 0;
            maxMessages = 0;
        }
    }

    private void shrink() {
        if (backlogged) {
            keepSpares(maxMessages / SEGMENT);
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
