/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** Calls whose exception is an outcome, not a failure of the test. */
final class Calls {
    private Calls() {}

    /** True if the action threw an exception of misuse, or of a broken count or list. */
    static boolean threw(Runnable action) {
        try {
            action.run();
            return false;
        } catch (RuntimeException | AssertionError e) {
            return true;
        }
    }
}
