/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/** A listening socket that accepts nothing, and whose backlog is full: a connect to it waits. */
public final class FullBacklog implements AutoCloseable {
    private static final int MAX_FILLERS = 64;

    private final ServerSocketChannel server;
    private final SocketAddress address;
    private final @Nullable Path directory;
    private final Deque<AutoCloseable> sockets = new ArrayDeque<>();

    private FullBacklog(ServerSocketChannel server, SocketAddress address, @Nullable Path directory)
            throws IOException {
        this.server = server;
        this.address = address;
        this.directory = directory;
        sockets.add(server);
        fill();
    }

    public static FullBacklog tcp() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        return new FullBacklog(server, server.getLocalAddress(), null);
    }

    public static FullBacklog unix() throws IOException {
        Path directory = Files.createTempDirectory("sendbuffer");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(address, 1);
        return new FullBacklog(server, address, directory);
    }

    private void fill() throws IOException {
        int pending = 0;
        for (int i = 0; i < MAX_FILLERS && pending < 8; i++) {
            SocketChannel filler =
                    directory != null ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
            sockets.add(filler);
            filler.configureBlocking(false);
            try {
                if (!filler.connect(address)) {
                    pending++;
                }
            } catch (IOException e) {
                return; // a Unix-domain socket reports at once that it is full
            }
        }
    }

    public SocketAddress address() {
        return address;
    }

    /** Makes room in the backlog. */
    public void acceptAll() throws IOException {
        server.configureBlocking(false);
        SocketChannel accepted = server.accept();
        while (accepted != null) {
            sockets.add(accepted);
            accepted = server.accept();
        }
    }

    @Override
    public void close() throws IOException {
        CloseHelper.closeAll(sockets);
        if (directory != null) {
            Files.deleteIfExists(directory.resolve("socket"));
            Files.deleteIfExists(directory);
        }
    }
}
