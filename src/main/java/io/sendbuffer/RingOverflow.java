/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * The messages of a {@link MessageRing} that came after it was full, in segments of 512, and spare segments for those
 * that come next. All segments but the last one are full. Guarded as the ring is, which is not empty while there are
 * any.
 */
final class RingOverflow {
    /** Places of a segment. */
    static final int SEGMENT = 512;

    /** Spare segments that an endless backlog has not used while this many of its segments passed are given up. */
    private static final int SEGMENTS_PASSED = 256;

    private @Nullable Segment first;
    private @Nullable Segment last;
    private int segments;

    private @Nullable Segment spare;
    private int spares;

    /** The most segments, and how many became the ring, since spare ones were last given up. */
    private int maxSegments;

    private int segmentsPassed;

    /** Where the last look was: most looks move on from there, and do not walk again through all before it. */
    private @Nullable Segment seen;

    private int placesBeforeSeen;

    static final class Segment {
        private @Nullable SendBuffer[] messages;
        private int size;
        private @Nullable Segment next;

        Segment(@Nullable SendBuffer[] messages) {
            this.messages = messages;
        }
    }

    boolean isEmpty() {
        return last == null;
    }

    /** With the holes. */
    int places() {
        Segment tail = last;
        return tail == null ? 0 : (segments - 1) * SEGMENT + tail.size;
    }

    /** Places of all segments, the spare ones too. */
    int capacity() {
        return (segments + spares) * SEGMENT;
    }

    /** How many segments have messages. */
    int segments() {
        return segments;
    }

    boolean hasSpares() {
        return spare != null;
    }

    // ---- adding

    /** Provides spare segments for this many more messages. In case of an Error all is as it was, or there are more. */
    void makeRoom(int count, QueueArrays arrays) {
        Segment tail = last;
        int room = tail == null ? 0 : SEGMENT - tail.size;
        while (room + (long) spares * SEGMENT < count) {
            putAside(new Segment(arrays.messages(SEGMENT)));
        }
    }

    /** Adds a message, for which room was made. */
    void add(SendBuffer message) {
        Segment tail = tail();
        tail.messages[tail.size] = message;
        tail.size++;
    }

    /** Copies to where none is looked for, as room was made. Returns the first segment that it copied to. */
    Segment copy(@Nullable SendBuffer[] source, int from, int count) {
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

    /** From here on, what was copied counts. No call comes before the last store. */
    static void count(Segment first, int copied) {
        int left = copied;
        for (Segment segment = first; segment != null && left > 0; segment = segment.next) {
            int some = left < SEGMENT - segment.size ? left : SEGMENT - segment.size;
            segment.size += some;
            left -= some;
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

    // ---- what waits

    /**
     * The message at an index, the first one behind the ring being 0, and puts another one there if that is wanted; an
     * Error comes before that.
     */
    @Nullable
    SendBuffer exchange(int index, @Nullable SendBuffer other, boolean isStored) {
        Segment near = seen;
        boolean isBehind = near != null && index >= placesBeforeSeen;
        Segment segment = isBehind ? there(near) : there(first);
        int before = isBehind ? placesBeforeSeen : 0;
        while (index - before >= segment.size) {
            before += segment.size;
            segment = there(segment.next);
        }
        placesBeforeSeen = before;
        seen = segment;
        int left = index - before;
        SendBuffer waits = segment.messages[left];
        if (isStored) {
            segment.messages[left] = other;
        }
        return waits;
    }

    private static Segment there(@Nullable Segment segment) {
        if (segment == null) {
            throw new AssertionError("no place where one is");
        }
        return segment;
    }

    /**
     * The ring is empty, and the oldest segment is to become it.
     *
     * @param emptied the ring's places
     * @return the places of the oldest segment, all in use but in the last segment, see {@link #places()} before
     */
    @Nullable
    SendBuffer[] pass(@Nullable SendBuffer[] emptied) {
        seen = null; // what follows is at other indexes then
        Segment oldest = there(first);
        @Nullable SendBuffer[] messages = oldest.messages;
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
        return messages;
    }

    /** How many messages the next segment to pass has. */
    int sizeOfFirst() {
        return there(first).size;
    }

    private void putAside(Segment empty) {
        empty.next = spare;
        spare = empty;
        spares++;
    }

    void keepSpares(int count) {
        while (spare != null && spares > count) {
            spare = spare.next;
            spares--;
        }
    }

    // ---- holes

    /** Moves the messages together, in their order, into the ring's free places first. */
    void compact(MessageRing ring) {
        seen = null;
        Segment target = first;
        int inTarget = 0;
        for (Segment source = first; source != null && target != null; source = source.next) {
            for (int i = 0; i < source.size; i++) {
                SendBuffer message = source.messages[i];
                source.messages[i] = null;
                if (message != null && !ring.putIfRoom(message)) {
                    if (inTarget == SEGMENT && target.next != null) {
                        target = target.next;
                        inTarget = 0;
                    }
                    target.messages[inTarget++] = message;
                }
            }
        }
        endAt(inTarget == 0 ? null : target, inTarget);
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
}
