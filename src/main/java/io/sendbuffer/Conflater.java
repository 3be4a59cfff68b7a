/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * Finds the message of a ring that a newer one of its key is to replace. Where few messages wait, it looks at each of
 * them; so a queue that keeps up has no table. Guarded by the queue's lock.
 *
 * <p>What leaves the ring is not noted: a number that was passed, or a place that is empty, shows it. A message that
 * was added without being noted, for want of memory, is not found, and not replaced: then there is no table until the
 * next search makes one of all that waits.
 */
final class Conflater {
    /** Up to this many places are looked at one by one. */
    static final int MAX_SCANNED = 16;

    /** The table is given up when the ring was found empty this many times while nothing needed it. */
    private static final int TIMES_EMPTY = 64;

    private Conflation conflation = Conflation.inPlace();
    private @Nullable KeyPlaces table;

    /** Since the ring was found empty last. */
    private boolean wasNeeded;

    private int timesEmpty;

    Conflation conflation() {
        return conflation;
    }

    void conflation(Conflation changed) {
        conflation = changed;
        table = null; // of what comes while it is off nothing is noted
    }

    Conflation.Kind kind() {
        return conflation.kind;
    }

    /** The number of the message that this one is to replace, or {@link KeyPlaces#NONE}. */
    long find(MessageRing ring, SendBuffer newer) {
        if (conflation.kind == Conflation.Kind.OFF || !newer.isKeyed() || ring.isEmpty()) {
            return KeyPlaces.NONE;
        }
        long number = numberOf(ring, newer.key());
        SendBuffer older = number < ring.firstNumber() ? null : ring.at(number);
        return older != null && older.mayBeReplacedBy(newer) ? number : KeyPlaces.NONE;
    }

    private long numberOf(MessageRing ring, long key) {
        boolean areFew = ring.places() <= MAX_SCANNED;
        if (!areFew) {
            wasNeeded = true;
            if (table == null) {
                makeTable(ring);
            }
        }
        KeyPlaces known = table;
        if (known != null) {
            return known.get(key);
        }
        return areFew ? scan(ring, key) : KeyPlaces.NONE;
    }

    private static long scan(MessageRing ring, long key) {
        for (long number = ring.nextNumber() - 1; number >= ring.firstNumber(); number--) {
            SendBuffer message = ring.at(number);
            if (message != null && message.isKeyed() && message.key() == key) {
                return number;
            }
        }
        return KeyPlaces.NONE;
    }

    private void makeTable(MessageRing ring) {
        try {
            KeyPlaces made = new KeyPlaces(ring.arrays());
            noteAll(ring, made);
            table = made;
        } catch (OutOfMemoryError e) {
            table = null; // the next search tries again
        }
    }

    private static void noteAll(MessageRing ring, KeyPlaces target) {
        for (long number = ring.firstNumber(); number < ring.nextNumber(); number++) {
            SendBuffer message = ring.at(number);
            if (message != null && message.isKeyed()) {
                target.put(message.key(), number, ring.firstNumber());
            }
        }
    }

    /** A message was added, with this number. */
    void added(MessageRing ring, SendBuffer message, long number) {
        KeyPlaces known = table;
        if (known == null || !message.isKeyed()) {
            return;
        }
        table = null; // whatever is thrown: a table that lacks it would find an older one
        try {
            known.put(message.key(), number, ring.firstNumber());
            table = known;
        } catch (OutOfMemoryError e) {
            return;
        }
    }

    /** The messages of the ring have got other numbers. */
    void renumbered(MessageRing ring) {
        KeyPlaces known = table;
        if (known != null) {
            table = null;
            known.clear();
            noteAll(ring, known); // they had room before
            table = known;
        }
    }

    boolean hasTable() {
        return table != null;
    }

    /** The ring was found empty. */
    void ringIsEmpty() {
        if (wasNeeded) {
            wasNeeded = false;
            timesEmpty = 0;
        } else if (++timesEmpty >= TIMES_EMPTY) {
            giveUpTable();
        }
    }

    void giveUpTable() {
        table = null;
        timesEmpty = 0;
    }
}
