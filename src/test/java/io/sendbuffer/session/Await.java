/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread or the kernel does, by polling until a deadline. */
public final class Await {
    private static final long NANOS_BETWEEN_LOOKS = 100_000;

    private Await() {}

    /** A step to run before each poll. */
    public interface Step {
        /** Runs on the waiting thread. */
        void run() throws Exception;
    }

    public static void until(String what, BooleanSupplier condition) throws Exception {
        until(what, condition, () -> LockSupport.parkNanos(NANOS_BETWEEN_LOOKS));
    }

    public static void until(String what, BooleanSupplier condition, Step step) throws Exception {
        Patience patience = new Patience();
        while (!condition.getAsBoolean()) {
            patience.require(what);
            step.run();
        }
    }
}
