/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The cursors of one reader that have joined a log and that the reader's thread has not adopted: what they begin with
 * is kept for them. Guarded by the log's lock.
 */
final class JoiningCursors {
    private static final Subscription[] NONE = {};

    private @Nullable Subscription[] cursors = NONE;
    private int count;

    /** Not greater than the position of any. */
    private long least = Long.MAX_VALUE;

    private long leastHeld = Long.MAX_VALUE;

    int count() {
        return count;
    }

    long least() {
        return least;
    }

    /** Of those that hold the log. */
    long leastHeld() {
        return leastHeld;
    }

    Subscription get(int index) {
        Subscription cursor = cursors[index];
        if (cursor == null) {
            throw new AssertionError("no cursor has joined at " + index);
        }
        return cursor;
    }

    /** Adds a cursor, or in case of an Error does not. */
    void add(Subscription cursor) {
        if (count == cursors.length) {
            cursors = Arrays.copyOf(cursors, Math.max(2, 2 * count));
        }
        cursors[count++] = cursor;
    }

    /** One of them begins here, which has not begun before; otherwise {@link #recompute}. */
    void begins(Subscription cursor, long position) {
        least = Math.min(least, position);
        if (cursor.policy().kind == OverrunPolicy.Kind.HOLD) {
            leastHeld = Math.min(leastHeld, position);
        }
    }

    /** False if it has not joined, or has been adopted, or waits for its snapshot and may not be taken then. */
    boolean remove(Subscription cursor, boolean evenIfPreparing) {
        for (int i = 0; i < count; i++) {
            if (cursors[i] == cursor && (evenIfPreparing || !cursor.isPreparing())) {
                removeAt(i);
                recompute();
                return true;
            }
        }
        return false;
    }

    /** Takes out one that does not wait for its snapshot; null if there is none. */
    @Nullable
    Subscription takeReady() {
        for (int i = 0; i < count; i++) {
            Subscription cursor = get(i);
            if (!cursor.isPreparing()) {
                removeAt(i);
                recompute();
                return cursor;
            }
        }
        return null;
    }

    /** The last one takes its place. To be followed by {@link #recompute}, once for several. */
    void removeAt(int index) {
        cursors[index] = cursors[--count];
        cursors[count] = null;
    }

    void recompute() {
        least = Long.MAX_VALUE;
        leastHeld = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            begins(get(i), get(i).positionPlain());
        }
        if (count == 0) {
            cursors = NONE;
        }
    }
}
