/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What waits for its time on a loop, the first one in front: a heap whose entries know their places in it, so that one
 * is taken out without a search. Owned by the loop's thread.
 *
 * @param <E> the kind of entry
 */
final class Deadlines<E extends Deadlines.Entry> {
    private static final int INITIAL_CAPACITY = 8;

    /** The place of an entry that is in no heap. */
    static final int NOWHERE = -1;

    private @Nullable Entry[] entries = {};
    private int size;

    /** Is in one heap at a time. */
    interface Entry {
        /** When it is due, in the time of {@link System#nanoTime()}. Does not change while it is in the heap. */
        long atNanos();

        /** Decides among those that are due at the same time: the smaller one comes first. */
        long number();

        /** Where it is, or {@link #NOWHERE}: that at first. For the heap alone. */
        int place();

        void place(int place);
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** The one that is due first; null if there is none. */
    @SuppressWarnings("unchecked")
    @Nullable
    E first() {
        return size == 0 ? null : (E) entries[0];
    }

    /** Makes room for one more: then the next {@link #add} allocates nothing. */
    void reserve() {
        if (size == entries.length) {
            entries = Arrays.copyOf(entries, Math.max(INITIAL_CAPACITY, size + (size >> 1)));
        }
    }

    void add(E entry) {
        reserve();
        size++;
        moveUp(size - 1, entry);
    }

    /** Takes an entry out, if it is here. */
    void remove(E entry) {
        int place = entry.place();
        if (place == NOWHERE) {
            return;
        }
        entry.place(NOWHERE);
        size--;
        Entry last = entryAt(size);
        entries[size] = null;
        if (last != entry) {
            moveDown(place, last);
            if (last.place() == place) {
                moveUp(place, last);
            }
        }
    }

    private void moveUp(int from, Entry entry) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            Entry other = entryAt(parent);
            if (!isBefore(entry, other)) {
                break;
            }
            put(place, other);
            place = parent;
        }
        put(place, entry);
    }

    private void moveDown(int from, Entry entry) {
        int place = from;
        int child;
        while ((child = 2 * place + 1) < size) {
            if (child + 1 < size && isBefore(entryAt(child + 1), entryAt(child))) {
                child++;
            }
            Entry other = entryAt(child);
            if (!isBefore(other, entry)) {
                break;
            }
            put(place, other);
            place = child;
        }
        put(place, entry);
    }

    private void put(int place, Entry entry) {
        entries[place] = entry;
        entry.place(place);
    }

    @SuppressWarnings("NullAway") // there is one at each place below the size
    private Entry entryAt(int place) {
        return entries[place];
    }

    private static boolean isBefore(Entry one, Entry other) {
        long difference = one.atNanos() - other.atNanos();
        return difference < 0 || (difference == 0 && one.number() - other.number() < 0);
    }
}
