/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Accepts connections on loopback, for the servers that use plain NIO. */
public final class JdkListener implements AutoCloseable {
    public static final int BACKLOG = 4096;

    private final ServerSocketChannel server;

    public JdkListener() throws IOException {
        server = ServerSocketChannel.open();
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    }

    public int port() {
        return server.socket().getLocalPort();
    }

    /** Accepts n blocking connections, and then no more. */
    public SocketChannel[] accept(int count) throws IOException {
        SocketChannel[] channels = acceptSome(count);
        close();
        return channels;
    }

    /** Accepts n blocking connections. */
    public SocketChannel[] acceptSome(int count) throws IOException {
        SocketChannel[] channels = new SocketChannel[count];
        for (int i = 0; i < count; i++) {
            channels[i] = server.accept();
            channels[i].setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        return channels;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
