/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The socket as a {@code TlsChannel} sees it. A {@code TlsChannel} reads nothing after a write has failed, so a failure
 * is kept here, and looks like a full socket; and it does not finish a {@code close_notify} that did not fit, so the
 * rest of it is kept here, too.
 */
final class TlsWire implements ByteChannel {
    private final SocketChannel socket;
    private volatile @Nullable IOException failure;

    // Owned by the loop.
    private boolean keepsRest;
    private @Nullable ByteBuffer rest;

    TlsWire(SocketChannel socket) {
        this.socket = socket;
    }

    void throwIfFailed() throws IOException {
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return socket.read(target);
    }

    @Override
    public int write(ByteBuffer source) {
        int before = source.remaining();
        try {
            if (failure == null) {
                socket.write(source);
            }
        } catch (IOException e) {
            failure = e;
        }
        if (keepsRest && failure == null && source.hasRemaining()) {
            rest = ByteBuffer.allocate(source.remaining()).put(source).flip();
        }
        return before - source.remaining();
    }

    /** From now on what the socket does not take is kept: the last few bytes. */
    void keepRest() {
        keepsRest = true;
    }

    /** Returns true if nothing of it is left. */
    boolean writeRest() throws IOException {
        ByteBuffer last = rest;
        if (last != null) {
            socket.write(last);
        }
        return last == null || !last.hasRemaining();
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    /** The session closes the socket. */
    @Override
    public void close() {}
}
