/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** Seeds of random tests. Put the seed into every assertion message, so that a failure can be reproduced. */
public final class TestSeed {
    /** Set it, as in {@code -Dsendbuffer.seed=42}, to run a failed test again. */
    public static final String PROPERTY = "sendbuffer.seed";

    private TestSeed() {}

    /** The seed that was set, or a new one each time. */
    public static long next() {
        Long set = Long.getLong(PROPERTY);
        return set != null ? set : mix(System.nanoTime());
    }

    /** A suffix for a message: how to reproduce the failure. */
    public static String hint(long seed) {
        return " (-D" + PROPERTY + "=" + seed + ")";
    }

    /** Neighboring times should not give neighboring seeds. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 27);
    }
}
