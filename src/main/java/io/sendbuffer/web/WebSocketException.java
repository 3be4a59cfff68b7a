/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.io.Serial;

/**
 * A client broke the WebSocket protocol or passed a limit. It has been sent a close frame with the {@link #code()}. It
 * has no stack trace, which would say nothing of the client.
 */
public final class WebSocketException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int code;

    WebSocketException(int code, String message) {
        super(message, null, true, false);
        this.code = code;
    }

    /** The close code that the client was sent: 1002, 1003, 1007, 1009 or 1013. */
    public int code() {
        return code;
    }
}
