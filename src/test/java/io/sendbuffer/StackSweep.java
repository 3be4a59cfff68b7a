/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs an action again and again near the end of a stack, each time a little farther from it: so the stack ends within
 * the action at each place where it can.
 */
public final class StackSweep {
    /** How many levels a sweep has. */
    public static final int LEVELS = 100;

    private static final long STACK = 200 << 10;

    private final IntConsumer action;
    private int levels;
    private int overflows;
    private @Nullable Throwable thrown;

    /**
     * Makes a sweep.
     *
     * @param action gets the number of the level, from 0, at which the stack is shortest
     */
    public StackSweep(IntConsumer action) {
        this.action = action;
    }

    /**
     * Runs it on a thread of its own.
     *
     * @param wide whether the frames of the recursion are large, so that other depths are met
     * @return how many of the actions threw a {@link StackOverflowError}
     */
    public int run(boolean wide) throws InterruptedException {
        Thread thread = new Thread(null, () -> enter(wide), "sweep", STACK);
        thread.setDaemon(true);
        thread.start();
        thread.join();
        if (thrown != null) {
            throw new AssertionError("an action threw something else than the end of the stack", thrown);
        }
        return overflows;
    }

    private void enter(boolean wide) {
        if (wide) {
            dive(1, 2, 3, 4);
        } else {
            dive();
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private void dive() {
        try {
            dive();
        } catch (StackOverflowError e) {
            // the level above is the next one
        }
        act();
    }

    @SuppressWarnings("InfiniteRecursion")
    private void dive(long a, long b, long c, long d) {
        try {
            dive(b, c, d, a + 1);
        } catch (StackOverflowError e) {
            // the level above is the next one
        }
        act();
    }

    private void act() {
        if (levels < LEVELS) {
            try {
                action.accept(levels);
            } catch (StackOverflowError e) {
                overflows++;
            } catch (Throwable e) {
                thrown = e;
            }
            levels++;
        }
    }
}
