/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/** A non-blocking channel that takes nothing, as a socket whose buffers are full. */
final class FullChannel implements GatheringByteChannel {
    @Override
    public int write(ByteBuffer source) {
        return 0;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        return 0;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return 0;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
