/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.samples.tls.TlsConnection;
import io.sendbuffer.samples.tls.TlsLayer;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.SocketLayer;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** This library over TLS, as the sample has it: on a loop, or the blocking way with two threads for each client. */
final class TlsContender extends OwnContender {
    private static final QueueLimits LIMITS = QueueLimits.DEFAULT.withMaxQueuedBytes(64 << 20);
    private static final Duration CONNECT_TIME = Duration.ofSeconds(60);

    private final SessionGroup group = new SessionGroup();
    private final Maker maker;
    private final Runnable closer;

    private interface Maker {
        Session add(SocketChannel socket, SessionListener listener) throws IOException;
    }

    private TlsContender(Maker maker, Runnable closer) throws IOException {
        this.maker = maker;
        this.closer = closer;
    }

    static TlsContender onLoop() throws IOException, InterruptedException {
        SocketLayer.Factory layers = TlsLayer.server(TlsKeys.serverContext());
        SendLoop loop = SendLoop.builder()
                .queueLimits(LIMITS)
                .connectTimeout(CONNECT_TIME)
                .build();
        LoopRunner runner = loop.start();
        return new TlsContender((socket, listener) -> loop.add(socket, layers, listener), runner::close);
    }

    static TlsContender blocking() throws IOException, InterruptedException {
        SSLContext context = TlsKeys.serverContext();
        BlockingSessions sessions =
                BlockingSessions.builder().queueLimits(LIMITS).build();
        return new TlsContender(
                (socket, listener) -> sessions.add(new TlsConnection(socket, context), socket, listener),
                sessions::close);
    }

    @Override
    public void awaitSessions(int count) throws IOException, InterruptedException {
        CountDownLatch opened = new CountDownLatch(count);
        SessionListener countsOpened = new SessionListener() {
            @Override
            public void onOpened(Session session) {
                opened.countDown();
            }
        };
        for (SocketChannel channel : listener.accept(count)) {
            group.add(maker.add(channel, countsOpened));
        }
        if (!opened.await(CONNECT_TIME.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException(opened.getCount() + " clients have not finished their handshakes");
        }
    }

    @Override
    void send(SendBuffer message) {
        check(group.broadcast(message));
    }

    @Override
    void send(SendBatch messages) {
        check(group.broadcast(messages));
    }

    private void check(int accepted) {
        if (accepted < group.size()) {
            throw new IllegalStateException("only " + accepted + " of " + group.size() + " sessions took a tick");
        }
    }

    @Override
    public void close() throws Exception {
        super.close();
        closer.run();
        pool.close();
    }
}
