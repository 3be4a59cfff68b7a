/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.web.WebClient;
import io.sendbuffer.web.WebGroup;
import io.sendbuffer.web.WebListener;
import io.sendbuffer.web.WebServer;
import io.sendbuffer.web.WebSocketFrames;
import io.sendbuffer.web.WebTick;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;

/** The example of the guide that serves browsers: what one visitor says, all get. */
final class Browsers {
    private final SendBufferPool pool;
    private final WebServer web;
    private final WebGroup visitors;
    private final WebTick tick;

    Browsers(SendBufferPool pool, byte[] html) {
        this.pool = pool;
        this.web = server(html);
        this.visitors = new WebGroup(web, Session::abort);
        this.tick = new WebTick(web);
    }

    WebServer web() {
        return web;
    }

    // README: browsers
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

    final class Visitor implements WebListener {
        @Override
        public void onOpen(WebClient client) {
            visitors.add(client);
        }

        @Override
        public void onText(WebClient client, ByteBuffer utf8) {
            try (SendBuffer frame = WebSocketFrames.text(pool, utf8)) {
                visitors.broadcast(frame); // plain, deflated, or as an event: each made once
            }
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
