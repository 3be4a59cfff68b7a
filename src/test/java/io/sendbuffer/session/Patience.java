/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.time.Duration;

/**
 * The end of a loop that repeats what does not block: such a loop hears neither a timeout nor an interrupt by itself.
 */
public final class Patience {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final long start = System.nanoTime();

    /** Fails when the patience is over, or the thread was interrupted. */
    public void require(String what) {
        if (System.nanoTime() - start > PATIENCE.toNanos() || Thread.interrupted()) {
            throw new AssertionError("timed out waiting until " + what);
        }
        Thread.onSpinWait();
    }
}
