/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.tls;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import tlschannel.BufferAllocator;

/**
 * Buffers for encrypted records that all connections of a server share: one holds a buffer only while it has half of a
 * record in it. Each is as large as a record can be, so none has to grow.
 */
final class TlsBuffers implements BufferAllocator {
    private static final int RECORD_SIZE = 17 << 10;
    private static final int MAX_SPARE = 64;

    private final ArrayBlockingQueue<ByteBuffer> spare = new ArrayBlockingQueue<>(MAX_SPARE);

    @Override
    public ByteBuffer allocate(int size) {
        if (size > RECORD_SIZE) {
            return ByteBuffer.allocate(size);
        }
        ByteBuffer buffer = spare.poll();
        return buffer == null ? ByteBuffer.allocate(RECORD_SIZE) : buffer;
    }

    @Override
    public void free(ByteBuffer buffer) {
        if (buffer.capacity() == RECORD_SIZE) {
            spare.offer(buffer.clear());
        }
    }
}
