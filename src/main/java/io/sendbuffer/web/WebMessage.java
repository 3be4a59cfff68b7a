/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import org.jspecify.annotations.Nullable;

/** The variants of one message: each is made when the first client needs it, and shared by the others. */
final class WebMessage implements AutoCloseable {
    private final WebServer server;

    /** The variant of clients without compression, from which the others are made. The caller holds a reference. */
    private final SendBuffer plain;

    private @Nullable SendBuffer deflated;
    private @Nullable SendBuffer event;

    WebMessage(WebServer server, SendBuffer plain) {
        int opcode = WebSocketFrames.opcodeOf(plain);
        if (opcode != WebSocketFrames.TEXT && opcode != WebSocketFrames.BINARY) {
            throw new IllegalArgumentException(
                    "a text or a binary frame is broadcast, of WebSocketFrames; to send others, use sessions(kind)");
        }
        this.server = server;
        this.plain = plain;
    }

    /** The variant for a kind, whose reference stays here; null if it has none: no event is binary. */
    @Nullable
    SendBuffer variant(WebKind kind) {
        return switch (kind) {
            case WEB_SOCKET -> plain;
            case DEFLATED_WEB_SOCKET -> deflated();
            case EVENTS -> WebSocketFrames.opcodeOf(plain) == WebSocketFrames.TEXT ? event() : null;
        };
    }

    private SendBuffer deflated() {
        SendBuffer made = deflated;
        if (made == null) {
            FrameDeflater deflater = server.deflaters().take();
            try {
                made = deflater.deflate(server.pool(), plain);
            } finally {
                server.deflaters().giveBack(deflater);
            }
            if (made == null) {
                made = plain.retain(); // it would be no smaller, and a message need not be compressed
            }
            deflated = made;
        }
        return made;
    }

    private SendBuffer event() {
        SendBuffer made = event;
        if (made == null) {
            made = ServerSentEvents.ofFrame(server.pool(), plain);
            event = made;
        }
        return made;
    }

    /** Releases the variants that were made, not the message that they were made from. */
    @Override
    public void close() {
        if (deflated != null) {
            deflated.release();
        }
        if (event != null) {
            event.release();
        }
    }
}
