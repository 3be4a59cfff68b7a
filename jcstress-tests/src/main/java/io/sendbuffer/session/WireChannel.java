/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.DigitWire;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connected channel without a file descriptor, so that thousands can exist at a time: written bytes go to a
 * {@link DigitWire}, and nothing is ever received. Its opening, closing and registering are the JDK's own.
 */
class WireChannel extends SocketChannel {
    private final DigitWire wire;
    private final int spinsOfClose;

    WireChannel(DigitWire wire) {
        this(wire, 0);
    }

    /** Spins this long in close: two threads that close it then leave one after the other, not together. */
    WireChannel(DigitWire wire, int spinsOfClose) {
        super(null);
        this.wire = wire;
        this.spinsOfClose = spinsOfClose;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        requireOpen();
        return wire.write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        requireOpen();
        return wire.write(sources, offset, length);
    }

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int read(ByteBuffer target) {
        return 0;
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        return 0;
    }

    @Override
    protected void implCloseSelectableChannel() {
        for (int i = 0; i < spinsOfClose; i++) {
            Thread.onSpinWait();
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        // Nothing blocks.
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    // ---- what sessions do not use

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean connect(SocketAddress remote) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable SocketAddress getRemoteAddress() {
        return null;
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw new UnsupportedOperationException();
    }
}
