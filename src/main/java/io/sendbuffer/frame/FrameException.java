/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import java.io.Serial;

/**
 * The bytes that came are no frames of the format, or one is too long. Where it leaves {@code onReceived}, it ends the
 * session, with this as the cause. It has no stack trace, which would say nothing of the peer.
 */
public final class FrameException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** What is wrong. */
    public enum Reason {
        /** The frame is longer than {@link FrameFormat#maxLength} says. */
        TOO_LONG,

        /** The length field says something that no frame can have, as one that is shorter than its header. */
        INVALID_LENGTH,

        /** The input ended within a frame. */
        TRUNCATED
    }

    FrameException(Reason reason, String message) {
        super(message, null, true, false);
        this.reason = reason;
    }

    /** What is wrong with what came. */
    public Reason reason() {
        return reason;
    }
}
