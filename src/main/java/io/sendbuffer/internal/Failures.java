/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.internal;

import org.jspecify.annotations.Nullable;

/** Keeps what was thrown during a series of steps that must all be taken, and throws it after the last one. */
public final class Failures {
    private Failures() {}

    /** Keeps what was thrown first; later ones are added to it as suppressed. */
    public static Throwable first(@Nullable Throwable kept, Throwable next) {
        if (kept == null) {
            return next;
        }
        if (kept != next) {
            try {
                kept.addSuppressed(next);
            } catch (Throwable noMemory) {
                return kept; // the steps continue all the same, and the first failure is reported
            }
        }
        return kept;
    }

    /** Throws it if there is any. Only unchecked exceptions come from a release. */
    public static void rethrow(@Nullable Throwable thrown) {
        if (thrown instanceof Error e) {
            throw e;
        }
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown != null) {
            throw new AssertionError("a checked exception where none is declared", thrown);
        }
    }
}
