/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Connections within this JVM. The caller uses the accepted end. */
final class SocketPairs implements AutoCloseable {
    private final ServerSocketChannel server;
    private final List<SocketChannel> clients = new ArrayList<>();

    SocketPairs() throws IOException {
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** The accepted end of a new connection; the caller closes it. */
    SocketChannel accept() throws IOException {
        clients.add(SocketChannel.open(server.getLocalAddress()));
        return server.accept();
    }

    /** The other end of the newest connection. */
    SocketChannel client() {
        return clients.get(clients.size() - 1);
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        server.close();
    }
}
