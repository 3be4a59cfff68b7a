/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.internal;

import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The threads that run an event loop, for what may wait for a moment elsewhere: on such a thread all sessions of the
 * loop, and agents composed beside it, would wait as well.
 */
public final class LoopThreads {
    /** A thread has one loop, as a rule; of more, the last ones count. */
    private static final int MAX_LOOPS = 8;

    /** Weak references: a loop that was never closed is not kept by the thread that ran it. */
    private static final ThreadLocal<@Nullable Deque<WeakReference<Loop>>> LOOPS = new ThreadLocal<>();

    private LoopThreads() {}

    /** An event loop. */
    public interface Loop {
        /** True if it has not ended, and this thread was the last to run it. */
        boolean isRunBy(Thread thread);
    }

    /** The calling thread runs a loop from now on. */
    public static void add(Loop loop) {
        Deque<WeakReference<Loop>> loops = LOOPS.get();
        if (loops == null) {
            loops = new ArrayDeque<>(MAX_LOOPS + 1);
            LOOPS.set(loops);
        }
        loops.addLast(new WeakReference<>(loop));
        if (loops.size() > MAX_LOOPS) {
            loops.removeFirst();
        }
    }

    /** True if the calling thread runs a loop. False also if the heap is too full to find out. */
    public static boolean isCaller() {
        try {
            Deque<WeakReference<Loop>> loops = LOOPS.get();
            if (loops == null) {
                return false;
            }
            Thread caller = Thread.currentThread();
            for (WeakReference<Loop> each : loops) {
                Loop loop = each.get();
                if (loop != null && loop.isRunBy(caller)) {
                    return true;
                }
            }
            return false;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }
}
