/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs a pool's look at its idle memory, once and a moment later. Tests run it when they please. */
@FunctionalInterface
interface IdleTimer {
    /**
     * Runs looks on the daemon thread that the JDK keeps for delays: the look is short, waits for nothing, calls no
     * other code but, if it fails, the error handler, and needs no thread that might be unavailable.
     */
    static IdleTimer every(long nanos) {
        return look -> CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, Runnable::run)
                .execute(look);
    }

    /** May throw, if there is no memory or no thread left. */
    void schedule(Runnable look);
}
