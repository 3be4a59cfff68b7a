/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.JdkListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.java_websocket.WebSocket;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.IExtension;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;

/**
 * Java-WebSocket as its guide says: its own broadcast. Its selector's thread writes; one more thread decodes. With
 * compression that broadcast deflates what it has deflated for the client before (1.6.0 takes all their extensions for
 * equal), so each client is sent the message.
 */
final class JavaWebSocketContender extends WebContender {
    private final Broadcaster server;

    JavaWebSocketContender(int clients, boolean deflates) {
        super(clients, deflates);
        server = new Broadcaster(draft(deflates));
    }

    private static Draft draft(boolean deflates) {
        if (!deflates) {
            return new Draft_6455();
        }
        PerMessageDeflateExtension extension = new PerMessageDeflateExtension(WebContenders.DEFLATE_LEVEL);
        extension.setThreshold(0);
        return new Draft_6455(List.<IExtension>of(extension));
    }

    @Override
    public int listen() throws InterruptedException {
        server.setReuseAddr(true);
        server.setTcpNoDelay(true);
        server.setMaxPendingConnections(JdkListener.BACKLOG);
        server.setConnectionLostTimeout(0);
        server.setDaemon(true);
        server.start();
        server.started.await();
        return server.getPort();
    }

    @Override
    public void tick(long stamp) {
        for (int i = 0; i < messages(); i++) {
            String text = nextText();
            if (deflates) {
                server.getConnections().forEach(client -> client.send(text));
            } else {
                server.broadcast(text);
            }
        }
    }

    @Override
    public void close() throws Exception {
        super.close();
        server.stop(1);
    }

    private final class Broadcaster extends WebSocketServer {
        final CountDownLatch started = new CountDownLatch(1);

        Broadcaster(Draft draft) {
            super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, List.of(draft));
        }

        @Override
        public void onStart() {
            started.countDown();
        }

        @Override
        public void onOpen(WebSocket client, ClientHandshake handshake) {
            countOpen();
        }

        @Override
        public void onMessage(WebSocket client, String message) {}

        @Override
        public void onClose(WebSocket client, int code, String reason, boolean remote) {}

        @Override
        public void onError(WebSocket client, Exception cause) {
            System.err.println(client + ": " + cause);
        }
    }
}
