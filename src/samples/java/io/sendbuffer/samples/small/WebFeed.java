/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.small;

import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.web.WebClient;
import io.sendbuffer.web.WebGroup;
import io.sendbuffer.web.WebKind;
import io.sendbuffer.web.WebListener;
import io.sendbuffer.web.WebServer;
import io.sendbuffer.web.WebSocketFrames;
import io.sendbuffer.web.WebTick;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A chat for browsers: a page, WebSocket at /ws, and events at /events for those that only listen. */
public final class WebFeed implements AutoCloseable {
    private static final String PAGE = """
            <!doctype html>
            <meta charset="utf-8">
            <title>Chat</title>
            <input id="say" placeholder="Say something" autofocus>
            <pre id="said"></pre>
            <script>
            const say = document.getElementById("say"), said = document.getElementById("said");
            const show = event => said.prepend(event.data + "\\n");
            const socket = new WebSocket(location.href.replace("http", "ws") + "ws");
            socket.onmessage = show;
            socket.onclose = event => said.prepend("the end: " + event.code + " " + event.reason + "\\n");
            socket.onerror = () => { // no WebSocket here: listen at least
              say.disabled = true;
              new EventSource("events").onmessage = show;
            };
            say.onchange = () => { socket.send(say.value); say.value = ""; };
            </script>
            """;

    private static final Duration TICK = Duration.ofMillis(33);
    private static final Duration PING = Duration.ofSeconds(20);
    private static final int MAX_IN_A_TICK = 1_000;

    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final WebServer web = WebServer.builder(pool)
            .page("/", "text/html; charset=utf-8", PAGE.getBytes(StandardCharsets.UTF_8))
            .webSocket("/ws", request -> new Visitor())
            .events("/events", request -> new Visitor())
            .maxMessage(1_000)
            .pingInterval(PING)
            .build();
    final WebGroup visitors = new WebGroup(web);
    private final WebTick tick = new WebTick(web); // used by the loop's thread alone
    final int port;
    private final LoopRunner runner;

    /** Starts the server; 0 is a port that is free. */
    public WebFeed(int port) throws IOException {
        ServerSocketChannel socket =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
        this.port = socket.socket().getLocalPort();
        SendLoop loop = SendLoop.builder()
                .queueLimits(QueueLimits.ofBytes(4 << 20))
                .overrunPolicy(OverrunPolicy.skip()) // one that is farther behind misses the oldest
                .build();
        loop.listen(socket, web);
        loop.scheduleAtFixedRate(this::sendTick, TICK);
        runner = loop.start();
    }

    private final class Visitor implements WebListener {
        @Override
        public void onOpen(WebClient client) {
            visitors.add(client);
            if (client.kind() != WebKind.EVENTS) {
                client.session().readTimeout(PING.multipliedBy(3)); // one that answers no ping is gone
            }
        }

        /** What one says, all get with the next tick. */
        @Override
        public void onText(WebClient client, ByteBuffer utf8) {
            try (SendBuffer frame = WebSocketFrames.text(pool, utf8)) {
                tick.add(frame);
            }
            if (tick.size() == MAX_IN_A_TICK) {
                sendTick();
            }
        }
    }

    private void sendTick() {
        try (tick) {
            if (tick.size() > 0) {
                visitors.broadcast(tick); // plain, deflated, or as events: each is made once
            }
        }
    }

    /** Says goodbye, ends the clients and the loop, and gives the memory back. */
    @Override
    public void close() {
        visitors.close(1001, "the server stops");
        runner.close();
        tick.clear();
        web.close();
        pool.close();
    }

    /** Runs until Ctrl-C: {@code WebFeed [port]}. */
    public static void main(String[] args) throws IOException, InterruptedException {
        WebFeed server = new WebFeed(args.length > 0 ? Integer.parseInt(args[0]) : 8080);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close"));
        System.out.println("http://localhost:" + server.port + "/");
        server.runner.thread().join();
    }
}
