/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.VariantEncoder;
import org.jspecify.annotations.Nullable;

/** Encodes the frame of a text or binary message for each {@link WebKind}. */
final class WebVariants implements VariantEncoder {
    private final WebServer server;

    WebVariants(WebServer server) {
        this.server = server;
    }

    static void requireMessage(SendBuffer frame) {
        int opcode = WebSocketFrames.opcodeOf(frame);
        if (opcode != WebSocketFrames.TEXT && opcode != WebSocketFrames.BINARY) {
            throw new IllegalArgumentException(
                    "a text or a binary frame is broadcast, of WebSocketFrames; to send others, use sessions(kind)");
        }
    }

    @Override
    public @Nullable SendBuffer encode(int variant, SendBuffer frame) {
        return switch (WebKind.of(variant)) {
            case WEB_SOCKET -> frame.retain();
            case DEFLATED_WEB_SOCKET -> deflated(frame);
            case EVENTS ->
                WebSocketFrames.opcodeOf(frame) == WebSocketFrames.TEXT
                        ? ServerSentEvents.ofFrame(server.pool(), frame)
                        : null; // no event is binary
        };
    }

    private SendBuffer deflated(SendBuffer frame) {
        FrameDeflater deflater = server.deflaters().take();
        SendBuffer made;
        try {
            made = deflater.deflate(server.pool(), frame);
        } finally {
            server.deflaters().giveBack(deflater);
        }
        return made != null ? made : frame.retain(); // it would be no smaller, and a message need not be compressed
    }
}
