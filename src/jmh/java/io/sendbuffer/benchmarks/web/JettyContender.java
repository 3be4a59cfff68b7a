/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.JdkListener;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.compression.CompressionPool;
import org.eclipse.jetty.util.compression.DeflaterPool;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;

/**
 * Jetty through its core API, which is closer to the wire than those of Jakarta and of Jetty itself, and has a batch
 * mode: the text is encoded once, and the frames of a tick are sent asynchronously as a batch, which the last one
 * flushes.
 */
final class JettyContender extends WebContender {
    /** One that accepts, one that selects, and what handles requests. */
    private static final int THREADS = 6;

    /** Jetty batches no frame of more than a quarter of its buffer, which has 4 KiB by default. */
    private static final int BATCH_BYTES = 64 << 10;

    private final Server server = new Server(new QueuedThreadPool(THREADS, THREADS));
    private final List<CoreSession> sessions = new CopyOnWriteArrayList<>();

    JettyContender(int clients, boolean deflates) {
        super(clients, deflates);
    }

    @Override
    public int listen() throws Exception {
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory());
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        connector.setAcceptQueueSize(JdkListener.BACKLOG);
        connector.setAcceptedTcpNoDelay(true);
        connector.setIdleTimeout(0);
        server.addConnector(connector);
        DeflaterPool deflaters = new DeflaterPool(CompressionPool.DEFAULT_CAPACITY, WebContenders.DEFLATE_LEVEL, true);
        WebSocketUpgradeHandler upgrade =
                new WebSocketUpgradeHandler(new WebSocketComponents(null, null, null, null, deflaters));
        upgrade.addMapping("/", new Negotiator());
        server.setHandler(upgrade);
        server.start();
        return connector.getLocalPort();
    }

    @Override
    public void tick(long stamp) {
        for (int i = 1; i <= messages(); i++) {
            ByteBuffer utf8 = ByteBuffer.wrap(nextUtf8());
            boolean batch = i < messages();
            for (CoreSession session : sessions) {
                session.sendFrame(new Frame(OpCode.TEXT, utf8.slice()), Callback.NOOP, batch);
            }
        }
    }

    @Override
    public void close() throws Exception {
        super.close();
        server.setStopTimeout(0);
        server.stop();
    }

    private final class Negotiator implements WebSocketNegotiator {
        @Override
        public FrameHandler negotiate(ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
            return new Member();
        }

        @Override
        public void customize(Configuration configuration) {
            configuration.setIdleTimeout(Duration.ZERO);
            configuration.setOutputBufferSize(BATCH_BYTES);
        }
    }

    private final class Member implements FrameHandler {
        @Override
        public void onOpen(CoreSession session, Callback callback) {
            sessions.add(session);
            session.demand();
            callback.succeeded();
            countOpen();
        }

        @Override
        public void onFrame(Frame frame, Callback callback) {
            callback.succeeded();
        }

        @Override
        public void onError(Throwable cause, Callback callback) {
            callback.succeeded();
        }

        @Override
        public void onClosed(CloseStatus status, Callback callback) {
            callback.succeeded();
        }
    }
}
