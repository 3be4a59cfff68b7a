/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.SessionKind;
import io.sendbuffer.session.Wiring;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sockets of the soak: of either address family, with small buffers. */
final class SoakWires {
    private SoakWires() {}

    /** Where a server may listen: any port, or a new file in a directory. */
    static SocketAddress anyAddress(SessionKind kind, Path directory) {
        return kind.wiring == Wiring.UNIX
                ? UnixDomainSocketAddress.of(directory.resolve("socket"))
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Opens a server socket that sessions connect to. */
    static ServerSocketChannel listenForSessions(SocketAddress address) throws IOException {
        ServerSocketChannel server = address instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        if (address instanceof InetSocketAddress) {
            server.setOption(StandardSocketOptions.SO_RCVBUF, Loopback.SMALL);
        }
        server.bind(address).configureBlocking(false);
        return server;
    }

    /** Connects a peer to a server of sessions. */
    static SocketChannel connectPeer(SocketAddress server) throws IOException {
        SocketChannel peer = server instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        try {
            if (server instanceof InetSocketAddress) {
                peer.setOption(StandardSocketOptions.SO_RCVBUF, Loopback.SMALL);
            }
            peer.connect(server);
            peer.configureBlocking(false);
            return peer;
        } catch (IOException e) {
            peer.close();
            throw e;
        }
    }

    /** Makes the kernel buffer little of what the session sends. */
    static void keepLittle(Channel ours) throws IOException {
        if (ours instanceof NetworkChannel socket && socket.getLocalAddress() instanceof InetSocketAddress) {
            socket.setOption(StandardSocketOptions.SO_SNDBUF, Loopback.SMALL);
        }
    }

    /** Makes the following close end the connection as a crashed process does, where that is possible. */
    static void reset(Channel peer) throws IOException {
        if (peer instanceof SocketChannel socket && socket.getLocalAddress() instanceof InetSocketAddress) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
    }

    /** Closes a channel that may throw on purpose. */
    static void close(Channel channel) {
        try {
            channel.close();
        } catch (Throwable e) {
            if (!(e instanceof SoakThrown)) {
                throw new AssertionError("close", e);
            }
        }
    }

    /** Asks a channel that may throw on purpose. */
    static boolean isOpen(Channel channel) {
        return channel instanceof SoakDouble own ? own.isNotClosed() : channel.isOpen();
    }

    static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
