/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Objects;

/**
 * A state that a subscriber can begin with: everything that the messages before a position have brought about, and
 * nothing of the others.
 *
 * @param message a sealed buffer, whose reference becomes the subscription's: the source does not release it
 * @param position the position of the first message that the state does not contain
 */
public record LogSnapshot(SendBuffer message, long position) {
    /** Checks that there is a message. */
    public LogSnapshot {
        Objects.requireNonNull(message, "message");
    }
}
