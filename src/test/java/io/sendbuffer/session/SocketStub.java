/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;

/** A connected socket without a descriptor, blocking or on a {@link StubSelector}. */
final class SocketStub extends SocketChannel implements StubSelector.Selectable {
    static final SocketAddress PEER = InetSocketAddress.createUnresolved("peer", 1);

    private final StubStream stream;
    private volatile boolean connected;
    private volatile boolean connecting;

    SocketStub(StubStream stream) {
        this(stream, true);
    }

    private SocketStub(StubStream stream, boolean connected) {
        super(null);
        this.stream = stream;
        this.connected = connected;
    }

    /** Returns a socket that is not connected yet. */
    static SocketStub unconnected(StubStream stream) {
        return new SocketStub(stream, false);
    }

    StubStream stream() {
        return stream;
    }

    // ---- for the selector

    @Override
    public int readyOps() {
        if (connecting) {
            return SelectionKey.OP_CONNECT;
        }
        return (stream.isReadable() ? SelectionKey.OP_READ : 0) | (stream.isWritable() ? SelectionKey.OP_WRITE : 0);
    }

    @Override
    public void onChange(Runnable action) {
        stream.onChange(action);
    }

    // ---- for sessions

    @Override
    public int read(ByteBuffer target) throws IOException {
        requireOpen();
        if (isBlocking()) {
            stream.awaitReadable();
        }
        return stream.read(target);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        return length == 0 ? 0 : read(targets[offset]);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        requireOpen();
        if (isBlocking()) {
            stream.awaitWritable();
        }
        return stream.write(sources, offset, length);
    }

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    protected void implCloseSelectableChannel() {
        stream.close();
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        stream.faults.hit(Faults.Edge.CONFIGURE);
    }

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    public boolean isConnectionPending() {
        return connecting;
    }

    @Override
    public boolean finishConnect() {
        stream.faults.hit(Faults.Edge.FINISH_CONNECT);
        connecting = false;
        connected = true;
        return true;
    }

    /**
     * Connects at once, except to an internet address in non-blocking mode. The backlog of a Unix-domain socket may be
     * full.
     */
    @Override
    public boolean connect(SocketAddress remote) throws IOException {
        stream.faults.hit(Faults.Edge.CONNECT);
        if (remote instanceof UnixDomainSocketAddress && stream.takeFullBacklog()) {
            close(); // as the JDK does
            throw new IOException("Resource temporarily unavailable");
        }
        connecting = remote instanceof InetSocketAddress && !isBlocking();
        connected = !connecting;
        return connected;
    }

    @Override
    public Socket socket() {
        return new Socket() {
            @Override
            public void connect(SocketAddress remote, int timeoutMillis) throws IOException {
                SocketStub.this.connect(remote);
            }
        };
    }

    @Override
    public SocketAddress getRemoteAddress() throws IOException {
        stream.faults.hit(Faults.Edge.PEER);
        requireOpen();
        return PEER;
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        requireOpen();
        return PEER;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        stream.faults.hit(Faults.Edge.SUPPORTED_OPTIONS);
        return Set.of(StandardSocketOptions.TCP_NODELAY, StandardSocketOptions.SO_SNDBUF);
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        stream.faults.hit(Faults.Edge.SET_OPTION);
        return this;
    }

    @Override
    public SocketChannel shutdownInput() {
        return this;
    }

    @Override
    public SocketChannel shutdownOutput() {
        stream.shutdownOutput();
        return this;
    }

    // ---- what sessions do not use

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }
}
