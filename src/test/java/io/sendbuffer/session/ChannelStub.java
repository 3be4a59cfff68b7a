/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;

/** A user-supplied blocking channel, such as a TLS channel: it is no socket, so each of its calls may throw. */
final class ChannelStub implements GatheringByteChannel, ByteChannel {
    private final StubStream stream;
    private volatile boolean open = true;

    ChannelStub(StubStream stream) {
        this.stream = stream;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        stream.awaitReadable();
        return stream.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source});
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        stream.awaitWritable();
        return stream.write(sources, offset, length);
    }

    @Override
    public boolean isOpen() {
        stream.faults.hit(Faults.Edge.IS_OPEN);
        return open;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            stream.close();
        }
    }
}
