/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The hosts of sessions without a loop, shared by all states. Their threads do nothing for these sessions: the clock
 * does not know them, and their channels are stubs.
 */
final class Kinds {
    static final AsyncSessions ASYNC = async();
    static final BlockingSessions BLOCKING = BlockingSessions.builder()
            .receiveBufferSize(1)
            .delivery(task -> {}) // the actors make the callbacks that are due
            .errorHandler(error -> {})
            .build();

    private Kinds() {}

    private static AsyncSessions async() {
        try {
            return AsyncSessions.builder()
                    .threads(1)
                    .receiveBufferSize(1)
                    .delivery(task -> {}) // the actors make the callbacks that are due
                    .errorHandler(error -> {}) // the outcome shows whether an error broke the invariant
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
