/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Reads what there is, and gives a byte of that at a time: the rest is in the layer, while the socket is empty. */
final class ByteAtATimeLayer extends PassThroughLayer {
    private final ByteBuffer held = ByteBuffer.allocate(1 << 10).flip();

    ByteAtATimeLayer(SocketChannel socket) {
        super(socket);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!held.hasRemaining()) {
            int count = socket.read(held.clear());
            held.flip();
            if (count <= 0) {
                return count;
            }
        }
        target.put(held.get());
        return 1;
    }
}
