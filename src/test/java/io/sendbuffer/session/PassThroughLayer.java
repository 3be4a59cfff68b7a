/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;

/** A layer that changes nothing: tests override what they are about. */
class PassThroughLayer implements SocketLayer {
    final SocketChannel socket;
    final AtomicInteger closes = new AtomicInteger();
    volatile Need inputNeeds = Need.READABLE;
    volatile Need outputNeeds = Need.NOTHING;

    PassThroughLayer(SocketChannel socket) {
        this.socket = socket;
    }

    @Override
    public Need handshake() throws IOException {
        return Need.NOTHING;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int count = socket.read(target);
        inputNeeds = Need.READABLE;
        return count;
    }

    @Override
    public Need inputNeeds() {
        return inputNeeds;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long given = 0;
        for (int i = offset; i < offset + length; i++) {
            given += sources[i].remaining();
        }
        long taken = socket.write(sources, offset, length);
        outputNeeds = taken < given ? Need.WRITABLE : Need.NOTHING;
        return taken;
    }

    @Override
    public Need outputNeeds() {
        return outputNeeds;
    }

    @Override
    public Need flush() throws IOException {
        outputNeeds = Need.NOTHING;
        return Need.NOTHING;
    }

    @Override
    public Need endOutput() throws IOException {
        return Need.NOTHING;
    }

    @Override
    public void close() throws IOException {
        closes.incrementAndGet();
    }

    /** Reads a byte that the peer has to send first, as a protocol of a layer's own would. */
    final boolean readToken() throws IOException {
        return socket.read(ByteBuffer.allocate(1)) == 1;
    }
}
