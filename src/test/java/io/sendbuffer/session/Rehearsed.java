/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The rehearsal of the first sessions of a JVM is over before a test counts calls, whichever test runs first: the calls
 * of a rehearsal would be counted too.
 */
final class Rehearsed {
    static {
        try {
            SendLoop.builder().build().onClose();
            AsyncSessions.builder().build().close();
            BlockingSessions.builder().build().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Rehearsed() {}

    /** Returns when every rehearsal is done. */
    static void all() {}
}
