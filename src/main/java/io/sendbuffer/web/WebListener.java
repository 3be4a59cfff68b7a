/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.session.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a client: one call at a time for each, in order, where {@link io.sendbuffer.session.SessionListener}
 * says; any call of this library may be made. What a callback throws ends the client, with that cause.
 */
public interface WebListener {
    /** The client was accepted. The first callback; what is sent from here on follows the answer. */
    default void onOpen(WebClient client) {}

    /**
     * A text message came. Never of a client of server-sent events.
     *
     * @param utf8 from its position to its limit, valid UTF-8; valid during the call alone
     */
    default void onText(WebClient client, ByteBuffer utf8) {}

    /** A binary message came; see {@link #onText}. */
    default void onBinary(WebClient client, ByteBuffer bytes) {}

    /** A pong came: the client has read all that was sent before its ping. */
    default void onPong(WebClient client, ByteBuffer payload) {}

    /** The client's queue passed a watermark; see {@link io.sendbuffer.session.SessionListener#onWritable}. */
    default void onWritable(WebClient client, boolean writable) {}

    /**
     * The client is gone: the last callback, once for each that was opened.
     *
     * <p>By default a cause that is no I/O error and no {@link WebSocketException}, what a callback threw for one, goes
     * to the error handler.
     *
     * @param code the close code: the client's, or the one that it was sent; 1005 if its close frame had none; 1006 if
     *     there was no close frame, as with server-sent events
     * @param cause a {@link WebSocketException}, or what ended the {@link Session}; null if a close did
     */
    default void onClosed(WebClient client, int code, @Nullable Throwable cause) {
        client.reportUnheard(cause);
    }

    /** Decides about the client of a request, on the thread that makes its callbacks. */
    @FunctionalInterface
    interface Factory {
        /**
         * Returns the listener of a new client.
         *
         * @return null to refuse it, with 403
         */
        @Nullable
        WebListener listenerFor(WebRequest request);
    }
}
