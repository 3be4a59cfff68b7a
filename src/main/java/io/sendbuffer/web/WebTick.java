/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Variants;

/**
 * Messages that are sent together, as those of a tick: each client gets all of them in one step and, in its own
 * encoding, mostly in one write. Used again for each tick, by one thread at a time.
 *
 * <pre>{@code
 * private final WebTick tick = new WebTick(web);   // one for each thread that sends
 *
 * try (tick) {                                     // cleared at the end
 *     for (Event event : events) {
 *         tick.addText(event.toJson());
 *     }
 *     players.broadcast(tick);
 * }
 * }</pre>
 */
public final class WebTick implements AutoCloseable {
    private final WebServer server;
    final Variants variants;

    /** Creates an empty tick for the clients of a server. */
    public WebTick(WebServer server) {
        this.server = server;
        this.variants = new Variants(WebKind.COUNT, new WebVariants(server));
    }

    /**
     * Adds a text.
     *
     * @throws IllegalStateException if the tick was sent, and not cleared
     */
    public WebTick addText(CharSequence text) {
        try (SendBuffer frame = WebSocketFrames.text(server.pool(), text)) {
            return add(frame);
        }
    }

    /**
     * Adds a text or binary frame, see {@link WebSocketFrames}, with a reference of the tick's own.
     *
     * @throws IllegalStateException if the tick was sent, and not cleared
     */
    public WebTick add(SendBuffer frame) {
        WebVariants.requireMessage(frame);
        variants.add(frame);
        return this;
    }

    /** How many messages were added. */
    public int size() {
        return variants.size();
    }

    /** All messages for one kind, encoded when the first group has a client that needs them. */
    SendBatch batch(WebKind kind) {
        return variants.batch(kind.variant);
    }

    /** Releases the tick's references; what was sent is alive until it is written. */
    public void clear() {
        variants.clear();
    }

    /** Clears it, for try-with-resources. It can be used again. */
    @Override
    public void close() {
        clear();
    }
}
