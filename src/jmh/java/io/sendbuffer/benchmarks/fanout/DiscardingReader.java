/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.net.Reader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Receives and discards. */
final class DiscardingReader extends Reader {
    private static final int BUFFER_BYTES = 256 << 10;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private DiscardingReader(String[] args) throws IOException {
        super(args);
    }

    public static void main(String[] args) throws IOException {
        new DiscardingReader(args).run();
    }

    @Override
    protected int read(SocketChannel channel, SelectionKey key) throws IOException {
        return channel.read(buffer.clear());
    }
}
