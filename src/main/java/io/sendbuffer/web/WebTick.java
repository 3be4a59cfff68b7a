/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
    private final List<SendBuffer> frames = new ArrayList<>();

    /** Sealed if they were made for this tick. */
    private final Map<WebKind, SendBatch> batches = new EnumMap<>(WebKind.class);

    /** Creates an empty tick for the clients of a server. */
    public WebTick(WebServer server) {
        this.server = server;
        for (WebKind kind : WebKind.values()) {
            batches.put(kind, new SendBatch());
        }
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
        for (SendBatch batch : batches.values()) {
            if (batch.isSealed()) {
                throw new IllegalStateException("the tick was sent; clear it before adding to it");
            }
        }
        frames.add(frame);
        try {
            frame.retain();
        } catch (Throwable e) {
            frames.remove(frames.size() - 1);
            throw e;
        }
        return this;
    }

    /** How many messages were added. */
    public int size() {
        return frames.size();
    }

    /** The variants of all messages for a kind: made when the first group has a client that needs them. */
    SendBatch batch(WebKind kind) {
        SendBatch batch = Objects.requireNonNull(batches.get(kind), "kind");
        if (!batch.isSealed()) {
            batch.clear(); // what an earlier try began
            for (SendBuffer frame : frames) {
                try (WebMessage message = new WebMessage(server, frame)) {
                    SendBuffer variant = message.variant(kind);
                    if (variant != null) {
                        batch.add(variant);
                    }
                }
            }
            batch.seal();
        }
        return batch;
    }

    /** Releases the tick's references; what was sent is alive until it is written. */
    public void clear() {
        for (SendBatch batch : batches.values()) {
            batch.clear();
        }
        for (int i = frames.size() - 1; i >= 0; i--) {
            frames.remove(i).release();
        }
    }

    /** Clears it, for try-with-resources. It can be used again. */
    @Override
    public void close() {
        clear();
    }
}
