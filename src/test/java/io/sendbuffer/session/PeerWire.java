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
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.CloseHelper;

/** Two connected ends: a channel of some kind for a session, and the peer, which never blocks. */
public final class PeerWire implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    /** The end for the session. */
    public final Channel ours;

    /** The end for the test. */
    private final ReadableByteChannel peer;

    PeerWire(Channel ours, ReadableByteChannel peer) {
        this.ours = ours;
        this.peer = peer;
    }

    public static PeerWire open(SessionKind kind) throws IOException {
        if (kind.wiring == Wiring.PIPE) {
            Pipe pipe = Pipe.open();
            pipe.source().configureBlocking(false);
            return new PeerWire(pipe.sink(), pipe.source());
        }
        if (kind == SessionKind.ASYNC) {
            return openAsynchronous();
        }
        if (kind.wiring == Wiring.TLS) {
            return openTls();
        }
        return kind.wiring == Wiring.UNIX ? openUnix() : openTcp();
    }

    /** A TCP connection opened by the test, for a kind that takes a {@link SocketChannel}. */
    public static PeerWire over(Loopback connection) {
        return new PeerWire(connection.ours, connection.peer);
    }

    private static PeerWire openTcp() throws IOException {
        Loopback connection = Loopback.withSmallBuffers();
        return new PeerWire(connection.ours, connection.peer);
    }

    private static PeerWire openTls() throws IOException {
        Loopback connection = Loopback.withSmallBuffers();
        return new PeerWire(connection.ours, new TlsPeer(connection.peer));
    }

    private static PeerWire openUnix() throws IOException {
        Path directory = Files.createTempDirectory("sendbuffer");
        Path file = directory.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(file));
            SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(file));
            SocketChannel ours = server.accept();
            peer.configureBlocking(false);
            return new PeerWire(ours, peer);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    private static PeerWire openAsynchronous() throws IOException {
        SocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (AsynchronousServerSocketChannel server =
                AsynchronousServerSocketChannel.open().bind(anyPort)) {
            SocketChannel peer = SocketChannel.open();
            peer.setOption(StandardSocketOptions.SO_RCVBUF, Loopback.SMALL);
            peer.connect(server.getLocalAddress());
            AsynchronousSocketChannel ours = server.accept().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            ours.setOption(StandardSocketOptions.SO_SNDBUF, Loopback.SMALL);
            peer.configureBlocking(false);
            return new PeerWire(ours, peer);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IOException("no connection", e);
        }
    }

    public SocketChannel socket() {
        return (SocketChannel) ours;
    }

    public AsynchronousSocketChannel asynchronous() {
        return (AsynchronousSocketChannel) ours;
    }

    public Pipe.SinkChannel sink() {
        return (Pipe.SinkChannel) ours;
    }

    // ---- the peer

    /** The peer's channel, in non-blocking mode, for tests that read it directly. */
    public ReadableByteChannel peer() {
        return peer;
    }

    /** Reads what is available; -1 at the end, or after a reset. */
    public int read(ByteBuffer target) {
        try {
            return peer.read(target);
        } catch (IOException e) {
            return -1;
        }
    }

    /** Waits until there is something to read, without reading it. */
    public void awaitReadable() throws IOException {
        if (peer instanceof TlsPeer tls) {
            tls.awaitReadable();
            return;
        }
        try (Selector selector = Selector.open()) {
            ((SelectableChannel) peer).register(selector, SelectionKey.OP_READ);
            if (selector.select(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS)) == 0) {
                throw new AssertionError("nothing arrived");
            }
        }
    }

    /** Reads until this many bytes have arrived. */
    public byte[] readFully(int count) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        Await.until(count + " bytes arrived", () -> {
            if (read(bytes) < 0) {
                throw new AssertionError("the stream ended after " + bytes.position() + " of " + count + " bytes");
            }
            return !bytes.hasRemaining();
        });
        return bytes.array();
    }

    /** Reads until the stream ends, at most this many bytes. */
    public byte[] readToTheEnd(int max) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(max + 1);
        Await.until("the stream ended", () -> read(bytes) < 0);
        byte[] all = new byte[bytes.flip().remaining()];
        bytes.get(all);
        return all;
    }

    /** Sends to the session; fails if the session does not read for long. */
    public void write(byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        if (peer instanceof TlsPeer tls) {
            tls.writeAll(source);
            return;
        }
        Patience patience = new Patience();
        while (source.hasRemaining()) {
            ((SocketChannel) peer).write(source);
            patience.require("the session reads");
        }
    }

    /** The peer's socket, below its TLS if it has that. */
    private SocketChannel peerSocket() {
        return peer instanceof TlsPeer tls ? tls.socket : (SocketChannel) peer;
    }

    public void endOutput() throws IOException {
        if (peer instanceof TlsPeer tls) {
            tls.awaitHandshake();
        }
        peerSocket().shutdownOutput();
    }

    /** Ends its output, if it has one that is open. */
    public void endOutputIfOpen() {
        if (!(peer instanceof Pipe.SourceChannel)) {
            try {
                peerSocket().shutdownOutput();
            } catch (IOException e) {
                // closed or reset: there is nothing to end
            }
        }
    }

    /** Leaves in an orderly way. */
    public void leave() throws IOException {
        peer.close();
    }

    /** Leaves as a crashed process does: with a reset, where that is possible. */
    public void reset() throws IOException {
        if (!(peer instanceof Pipe.SourceChannel)) {
            SocketChannel socket = peerSocket();
            if (socket.supportedOptions().contains(StandardSocketOptions.SO_LINGER)
                    && socket.getLocalAddress() instanceof InetSocketAddress) {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
        peer.close();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(ours, peer);
    }
}
