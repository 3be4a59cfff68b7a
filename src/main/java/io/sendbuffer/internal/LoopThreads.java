/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.internal;

import org.jspecify.annotations.Nullable;

/**
 * The threads that run an event loop, for what may wait for a moment elsewhere: on such a thread all sessions of the
 * loop, and agents composed beside it, would wait as well.
 */
public final class LoopThreads {
    /** How many loops a thread runs; not set where it runs none. */
    private static final ThreadLocal<@Nullable Integer> LOOPS = new ThreadLocal<>();

    private LoopThreads() {}

    /** The calling thread runs one loop more. */
    public static void addLoop() {
        Integer loops = LOOPS.get();
        LOOPS.set(loops == null ? 1 : loops + 1);
    }

    /** The calling thread runs one loop less: it has ended. */
    public static void removeLoop() {
        Integer loops = LOOPS.get();
        if (loops == null || loops <= 1) {
            LOOPS.remove();
        } else {
            LOOPS.set(loops - 1);
        }
    }

    /** True if the calling thread runs a loop. False also if the heap is too full to find out. */
    public static boolean isCaller() {
        try {
            return LOOPS.get() != null;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }
}
