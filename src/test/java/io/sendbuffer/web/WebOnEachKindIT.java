/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.samples.tls.TlsLayer;
import io.sendbuffer.session.AsyncSessions;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SendLoopGroup;
import io.sendbuffer.session.WriteMode;
import io.sendbuffer.session.tls.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same server on each kind of session. */
@Timeout(30)
class WebOnEachKindIT {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    enum Kind {
        LOOPS,
        INLINE,
        TLS_LOOPS,
        TLS_INLINE,
        ASYNC,
        BLOCKING,
        BLOCKING_INLINE;

        /** Listens, and returns what ends it. */
        AutoCloseable serve(WebServer web, int[] port) throws IOException {
            if (this == ASYNC) {
                AsyncSessions sessions = AsyncSessions.builder().build();
                AsynchronousServerSocketChannel socket = sessions.bind(ANY);
                port[0] = ((InetSocketAddress) socket.getLocalAddress()).getPort();
                sessions.listen(socket, web);
                return sessions;
            }
            ServerSocketChannel socket = ServerSocketChannel.open().bind(ANY);
            port[0] = socket.socket().getLocalPort();
            if (this == BLOCKING || this == BLOCKING_INLINE) {
                WriteMode mode = this == BLOCKING ? WriteMode.LOOP : WriteMode.INLINE;
                BlockingSessions sessions =
                        BlockingSessions.builder().writeMode(mode).build();
                sessions.listen(socket, web);
                return sessions;
            }
            WriteMode mode = this == LOOPS || this == TLS_LOOPS ? WriteMode.LOOP : WriteMode.INLINE;
            SendLoopGroup loops = SendLoopGroup.start(2, SendLoop.builder().writeMode(mode));
            if (transport() == Transport.TLS) {
                loops.listen(socket, TlsLayer.server(TlsIdentity.shared().serverContext()), web);
            } else {
                loops.listen(socket, web);
            }
            return loops;
        }

        Transport transport() {
            return this == TLS_LOOPS || this == TLS_INLINE ? Transport.TLS : Transport.PLAIN;
        }
    }

    private final SendBufferPool pool = Pools.create();
    private final SendBufferPool receivePool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(16 << 20).build());

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldEchoBroadcastAndClose(Kind kind) throws Exception {
        WebGroup[] group = new WebGroup[1];
        WebServer web = WebServer.builder(pool)
                .receivePool(receivePool)
                .page("/", "text/plain", ClientFrames.utf8("page"))
                .webSocket("/ws", request -> new WebListener() {
                    @Override
                    public void onOpen(WebClient client) {
                        group[0].add(client);
                    }

                    @Override
                    public void onText(WebClient client, ByteBuffer utf8) {
                        client.sendText(StandardCharsets.UTF_8.decode(utf8));
                    }
                })
                .build();
        group[0] = new WebGroup(web);
        int[] port = new int[1];
        try (web;
                AutoCloseable host = kind.serve(web, port);
                RawWebClient plain = kind.transport().open(port[0], "/ws", "");
                RawWebClient deflated = kind.transport().open(port[0], "/ws", RawWebClient.DEFLATE);
                RawWebClient page = kind.transport().connect(port[0])) {
            Await.until("both have joined", () -> group[0].size() == 2);
            page.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            page.readHead();
            assertEquals("page", page.readRest());
            for (RawWebClient client : new RawWebClient[] {plain, deflated}) {
                client.send(new ClientFrames().text("x".repeat(60_000)).text("y"));
                assertEquals("x".repeat(60_000), client.readFrame().text());
                assertEquals("y", client.readFrame().text());
            }
            group[0].broadcastText("to all ".repeat(20));
            for (RawWebClient client : new RawWebClient[] {plain, deflated}) {
                assertEquals("to all ".repeat(20), client.readFrame().text());
                client.send(new ClientFrames().close(1000, ""));
                assertEquals(1000, client.readClose());
            }
            assertEquals(true, host != null);
        }
    }
}
