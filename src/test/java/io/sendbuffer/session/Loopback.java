/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The two ends of one TCP connection: one for a session, one for the test, which acts as the non-blocking peer. */
public final class Loopback implements AutoCloseable {
    /** About the most that the kernel buffers, so that a peer that does not read soon blocks the session. */
    public static final int SMALL = 16 << 10;

    public final SocketChannel ours;
    public final SocketChannel peer;

    private Loopback(SocketChannel ours, SocketChannel peer) {
        this.ours = ours;
        this.peer = peer;
    }

    public static Loopback open() throws IOException {
        return open(0);
    }

    public static Loopback withSmallBuffers() throws IOException {
        return open(SMALL);
    }

    private static Loopback open(int bufferSize) throws IOException {
        try (ServerSocketChannel server = listen(1)) {
            SocketChannel peer = connect(server, bufferSize);
            SocketChannel ours = server.accept();
            if (bufferSize > 0) {
                ours.setOption(StandardSocketOptions.SO_SNDBUF, bufferSize);
            }
            peer.configureBlocking(false);
            return new Loopback(ours, peer);
        }
    }

    public static ServerSocketChannel listen(int backlog) throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog);
    }

    public static SocketChannel connect(ServerSocketChannel server, int receiveBufferSize) throws IOException {
        return connect(server.getLocalAddress(), receiveBufferSize);
    }

    /** Connects in blocking mode; a buffer size of zero leaves the size to the kernel. */
    public static SocketChannel connect(SocketAddress server, int receiveBufferSize) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            if (receiveBufferSize > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferSize);
            }
            channel.connect(server);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Reads what is available, at most what fits; -1 at the end. */
    public int read(ByteBuffer target) throws IOException {
        return peer.read(target);
    }

    /** Reads as many bytes as the array holds, waiting for them. */
    public byte[] readFully(int count) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        Await.until(count + " bytes arrived", () -> readSome(bytes));
        return bytes.array();
    }

    private boolean readSome(ByteBuffer bytes) {
        try {
            if (peer.read(bytes) < 0) {
                throw new AssertionError("the connection ended after " + bytes.position() + " bytes");
            }
            return !bytes.hasRemaining();
        } catch (IOException e) {
            throw new AssertionError("the connection failed after " + bytes.position() + " bytes", e);
        }
    }

    /** True once the peer sees the end of the stream; there must be no bytes before it. */
    public boolean sawEnd() {
        try {
            return peer.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** Ends the connection as a crashed process does: with a reset. */
    public static void reset(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    @Override
    public void close() throws IOException {
        ours.close();
        peer.close();
    }
}
