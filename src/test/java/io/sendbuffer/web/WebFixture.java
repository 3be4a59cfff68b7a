/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A server on a loop: a page, an echo, and a group that all join. */
final class WebFixture implements AutoCloseable {
    static final String PAGE = "<!doctype html>\n<title>\u20AC</title>\n";
    static final int MAX_MESSAGE = 100_000;

    final SendBufferPool pool = Pools.create();
    final SendBufferPool receivePool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(16 << 20).build());
    final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();

    /** The codes of the clients that were closed, and the causes. */
    final List<String> closed = new CopyOnWriteArrayList<>();

    final List<WebClient> opened = new CopyOnWriteArrayList<>();
    final WebServer web;
    final WebGroup group;
    final int port;

    private final Transport transport;
    private final LoopRunner runner;

    WebFixture(Transport transport) throws IOException {
        this(transport, UnaryOperator.identity());
    }

    WebFixture(Transport transport, UnaryOperator<WebServer.Builder> more) throws IOException {
        this.transport = transport;
        web = more.apply(WebServer.builder(pool))
                .receivePool(receivePool)
                .page("/", "text/html; charset=utf-8", PAGE.getBytes(StandardCharsets.UTF_8))
                .webSocket("/ws", request -> new Echo())
                .webSocket("/members", request -> "no".equals(request.query()) ? null : new Echo())
                .webSocket("/throws", request -> new Throwing())
                .events("/events", request -> new Echo())
                .subprotocols("v2", "v1")
                .maxMessage(MAX_MESSAGE)
                .build();
        group = new WebGroup(web);
        SendLoop loop = SendLoop.builder()
                .errorHandler(errors::add)
                .overrunPolicy(OverrunPolicy.end())
                .build();
        ServerSocketChannel socket =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
        port = socket.socket().getLocalPort();
        transport.listen(loop, socket, web);
        runner = loop.start();
    }

    RawWebClient connect() throws IOException {
        return transport.connect(port);
    }

    /** A WebSocket whose handshake is done. */
    RawWebClient open(String path, String fields) throws IOException {
        return transport.open(port, path, fields);
    }

    SendLoop loop() {
        return runner.loop();
    }

    @Override
    public void close() {
        runner.close();
        web.close();
    }

    private class Echo implements WebListener {
        @Override
        public void onOpen(WebClient client) {
            opened.add(client);
            group.add(client);
        }

        @Override
        public void onText(WebClient client, ByteBuffer utf8) {
            client.sendText(StandardCharsets.UTF_8.decode(utf8));
        }

        @Override
        public void onBinary(WebClient client, ByteBuffer bytes) {
            try (var frame = WebSocketFrames.binary(pool, bytes)) {
                client.session().send(frame);
            }
        }

        @Override
        public void onClosed(WebClient client, int code, @Nullable Throwable cause) {
            closed.add(code + (cause == null ? "" : " " + cause.getClass().getSimpleName()));
        }
    }

    private static final class Throwing implements WebListener {
        @Override
        public void onText(WebClient client, ByteBuffer utf8) {
            throw new IllegalStateException("a callback of the test");
        }
    }
}
