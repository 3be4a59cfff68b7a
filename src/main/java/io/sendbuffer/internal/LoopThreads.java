/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The threads that run an event loop, for what may wait for a moment elsewhere: on such a thread all sessions of the
 * loop, and agents composed beside it, would wait as well.
 */
public final class LoopThreads {
    private static final ThreadLocal<@Nullable List<Loop>> LOOPS = new ThreadLocal<>();

    private LoopThreads() {}

    /** An event loop. */
    @FunctionalInterface
    public interface Loop {
        /** True if it has not ended, and this thread was the last to run it. */
        boolean isRunBy(Thread thread);
    }

    /** The calling thread runs a loop from now on. */
    public static void add(Loop loop) {
        List<Loop> loops = LOOPS.get();
        if (loops == null) {
            loops = new ArrayList<>();
            LOOPS.set(loops);
        }
        forgetOthers(loops);
        loops.add(loop);
    }

    /** True if the calling thread runs a loop. False also if the heap is too full to find out. */
    public static boolean isCaller() {
        try {
            List<Loop> loops = LOOPS.get();
            if (loops == null) {
                return false;
            }
            forgetOthers(loops);
            return !loops.isEmpty();
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** Those that have ended, or that another thread runs by now. */
    private static void forgetOthers(List<Loop> loops) {
        Thread caller = Thread.currentThread();
        loops.removeIf(loop -> !loop.isRunBy(caller));
    }
}
