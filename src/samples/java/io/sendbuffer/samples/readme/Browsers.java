/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.Gap;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.web.ServerSentEvents;
import io.sendbuffer.web.WebClient;
import io.sendbuffer.web.WebGroup;
import io.sendbuffer.web.WebKind;
import io.sendbuffer.web.WebListener;
import io.sendbuffer.web.WebServer;
import io.sendbuffer.web.WebSocketFrames;
import io.sendbuffer.web.WebTick;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;

/** The example of the guide that serves browsers: what one visitor says, all get. */
final class Browsers {
    // README: browsers
    private final SendBufferPool pool;
    private final WebServer web;
    private final WebGroup visitors;
    private final WebTick tick; // of the thread that ticks

    Browsers(SendBufferPool pool, byte[] html) {
        this.pool = pool;
        this.web = server(html);
        this.visitors = new WebGroup(web);
        this.tick = new WebTick(web);
    }

    /** A page, WebSocket, and server-sent events for clients that only listen, on one port. */
    WebServer server(byte[] html) {
        return WebServer.builder(pool)
                .page("/", "text/html; charset=utf-8", html)
                .webSocket("/ws", request -> new Visitor())
                .events("/events", request -> new Visitor())
                .build();
    }

    void listen(SendLoop loop, ServerSocketChannel socket) throws IOException {
        loop.listen(socket, web);
    }
    // README: end

    WebServer web() {
        return web;
    }

    // README: visitors
    final class Visitor implements WebListener {
        @Override
        public void onOpen(WebClient client) {
            client.session().overrunPolicy(OverrunPolicy.skip(gap -> missed(client.kind(), gap)));
            visitors.add(client);
        }

        @Override
        public void onText(WebClient client, ByteBuffer utf8) {
            try (SendBuffer frame = WebSocketFrames.text(pool, utf8)) {
                visitors.broadcast(frame); // plain, deflated, or as an event: each made once
            }
        }
    }

    /** What a slow visitor gets in place of what it missed, in its own encoding; null: asked for again later. */
    private @Nullable SendBuffer missed(WebKind kind, Gap gap) {
        String json = "{\"missed\":" + gap.messages() + "}";
        try {
            return kind == WebKind.EVENTS ? ServerSentEvents.event(pool, json) : WebSocketFrames.text(pool, json);
        } catch (PoolExhaustedException e) {
            return null;
        }
    }

    /** Every 33 ms, on the thread that ticks. */
    void tick(Iterable<String> updates) {
        try (tick) {
            for (String json : updates) {
                tick.addText(json);
            }
            visitors.broadcast(tick); // mostly one write for each visitor
        }
    }
    // README: end
}
