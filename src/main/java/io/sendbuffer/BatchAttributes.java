/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the attributes of a batch's messages mean for every queue that it goes to, found once, when the batch is sealed:
 * which of its messages a later one of the same key replaces, and what is left of it then. And the arrays that a queue
 * needs for a while to take the batch in one step. Made for the batches that need it, and reused. Used by the batch's
 * thread.
 */
final class BatchAttributes {
    private static final int NONE = -1;

    private final KeyPlaces indexes = new KeyPlaces(QueueArrays.HEAP);

    private boolean areControl;
    private boolean areExpendable;
    private boolean anyIsKeyed;
    private boolean anyExpires;
    private int earliestDeadline;

    /** A message without that class follows a control message of the same key: then none is replaced. */
    private boolean mixesClasses;

    // Of each piece, the index of the piece that replaces it, or that it replaces.
    private int[] newer = {};
    private int[] older = {};

    /** Those that others replace. */
    final Pieces repeated = new Pieces();

    /** What is left, each at the place of the first one that it replaces. */
    private final Pieces inPlace = new Pieces();

    /** What is left, each at its own place. */
    private final Pieces atEnd = new Pieces();

    /** All pieces. */
    private final Pieces all = new Pieces();

    /** For a queue: where in its ring that waits which each piece replaces. */
    long[] numbers = {};

    /** For a queue: what it adds at its end. */
    final Pieces added = new Pieces();

    /** What a queue took out, and its caller is to release. */
    final Pieces replaced = new Pieces();

    /** Some messages. */
    static final class Pieces {
        @Nullable
        SendBuffer[] messages = {};

        int count;
        long bytes;

        private void makeRoom(int capacity) {
            if (messages.length < capacity) {
                messages = new SendBuffer[capacity];
            }
        }

        void add(SendBuffer message, int length) {
            messages[count++] = message;
            bytes += length;
        }

        @Nullable
        SendBuffer poll() {
            if (count == 0) {
                return null;
            }
            SendBuffer last = messages[--count];
            messages[count] = null;
            return last;
        }

        /** The messages stay, to be overwritten. */
        void reset() {
            count = 0;
            bytes = 0;
        }

        private void clear() {
            Arrays.fill(messages, null);
            reset();
        }
    }

    /** Now, and not when compiled code first meets the name of the class: that allocates, in the middle of a run. */
    static void load() {}

    /** Looks at the pieces of a batch. In case of an Error, to be called again. */
    void lookAt(SendBatch batch, int count) {
        clear();
        makeRoom(count);
        areControl = true;
        areExpendable = true;
        anyIsKeyed = false;
        anyExpires = false;
        mixesClasses = false;
        for (int i = 0; i < count; i++) {
            SendBuffer piece = batch.piece(i);
            areControl &= piece.isControl();
            areExpendable &= piece.isExpendable();
            anyIsKeyed |= piece.isKeyed();
            if (piece.expires()) {
                noteDeadline(piece.deadlineMillis());
            }
            newer[i] = NONE;
            older[i] = NONE;
            if (piece.isKeyed()) {
                noteKey(batch, piece, i);
            }
        }
        for (int i = 0; i < count; i++) {
            sortOut(batch, i);
        }
    }

    private void noteDeadline(int millis) {
        if (!anyExpires || millis - earliestDeadline < 0) {
            earliestDeadline = millis;
        }
        anyExpires = true;
    }

    private void makeRoom(int count) {
        if (numbers.length < count) {
            newer = new int[count];
            older = new int[count];
            numbers = new long[count];
        }
        repeated.makeRoom(count);
        inPlace.makeRoom(count);
        atEnd.makeRoom(count);
        all.makeRoom(count);
        added.makeRoom(count);
        replaced.makeRoom(2 * count); // what waited, and what is repeated
    }

    private void noteKey(SendBatch batch, SendBuffer piece, int index) {
        int before = (int) indexes.get(piece.key());
        if (before != NONE) {
            mixesClasses |= !batch.piece(before).mayBeReplacedBy(piece);
            newer[before] = index;
            older[index] = before;
        }
        indexes.put(piece.key(), index, 0);
    }

    private void sortOut(SendBatch batch, int index) {
        SendBuffer piece = batch.piece(index);
        all.add(piece, piece.sealedLength());
        if (newer[index] == NONE) {
            atEnd.add(piece, piece.sealedLength());
        } else {
            repeated.add(piece, piece.sealedLength());
        }
        if (older[index] == NONE) {
            int last = index;
            while (newer[last] != NONE) {
                last = newer[last];
            }
            inPlace.add(batch.piece(last), batch.piece(last).sealedLength());
        }
    }

    /** Forgets the messages. */
    void clear() {
        indexes.clear();
        repeated.clear();
        inPlace.clear();
        atEnd.clear();
        all.clear();
        added.clear();
        replaced.clear();
    }

    // ---- for the queue

    /** What a queue takes of the batch. */
    Pieces piecesFor(Conflation.Kind kind) {
        if (mixesClasses) {
            return all;
        }
        return switch (kind) {
            case OFF -> all;
            case IN_PLACE -> inPlace;
            case AT_END -> atEnd;
        };
    }

    /** True if keys are looked at, in a queue that conflates. */
    boolean mayConflate() {
        return anyIsKeyed && !mixesClasses;
    }

    /** True if it is a matter of the queue's {@link Overrun}: if nothing waits in it, and if something does. */
    boolean concernsOverrun(boolean nothingWaits) {
        return anyExpires || (anyIsKeyed && !(nothingWaits && repeated.count == 0));
    }

    boolean areControl() {
        return areControl;
    }

    boolean areExpendable() {
        return areExpendable;
    }

    boolean anyExpires() {
        return anyExpires;
    }

    int earliestDeadlineMillis() {
        return earliestDeadline;
    }
}
