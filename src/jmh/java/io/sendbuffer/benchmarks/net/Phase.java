/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

/** Publishing for a time, in steps, so that a thread can run it in a loop and an event loop can run it as tasks. */
public interface Phase {
    enum Step {
        /** A tick was sent. */
        TICKED,

        /** No tick could be sent yet; some time has passed. */
        WAITED,

        DONE
    }

    Step step() throws Exception;
}
