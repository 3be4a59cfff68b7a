/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * The calls that the actors of one state make, and whose exception is an outcome, not a failure of the test.
 *
 * <p>The flag is plain, so that it creates no happens-before between the actors, and nothing but a call that threw
 * writes it: with {@code misused |= threw(call)}, an actor reads the flag before its call and afterwards overwrites
 * what another one found meanwhile.
 */
final class Calls {
    private boolean threw;

    /** Makes a call, and records whether it threw an exception of misuse, or of a broken count or list. */
    void run(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | AssertionError e) {
            threw = true;
        }
    }

    /** True if a call threw. For the arbiter. */
    boolean threw() {
        return threw;
    }
}
