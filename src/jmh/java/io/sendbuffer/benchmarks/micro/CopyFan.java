/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import java.nio.ByteBuffer;

/** Each message is copied into a buffer of each receiver, which is written at the end of the tick. */
final class CopyFan extends Fan {
    private static final int CAPACITY = 64 << 10;

    private final TakingChannel channel = new TakingChannel();
    private final ByteBuffer message = ByteBuffer.allocateDirect(LENGTH);
    private final ByteBuffer[] outbound;

    CopyFan(int sessions) {
        outbound = new ByteBuffer[sessions];
        for (int i = 0; i < sessions; i++) {
            outbound[i] = ByteBuffer.allocateDirect(CAPACITY);
        }
    }

    @Override
    void tick(int messages, long value) {
        for (int i = 0; i < messages; i++) {
            message.putLong(LENGTH - Long.BYTES, value);
            for (ByteBuffer buffer : outbound) {
                buffer.put(buffer.position(), message, 0, LENGTH).position(buffer.position() + LENGTH);
            }
        }
        for (ByteBuffer buffer : outbound) {
            channel.write(buffer.flip());
            buffer.clear();
        }
    }

    @Override
    long taken() {
        return channel.taken();
    }

    @Override
    public void close() {}
}
