/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;

/** This library's ways to send a tick: they differ in where a message, or a batch of them, goes. */
abstract class OwnContender extends Contender {
    final JdkListener listener;
    final SendBufferPool pool = SendBufferPool.builder().build();
    private final SendBatch batch = new SendBatch();
    private byte[] body = {};
    private int messages;

    OwnContender() throws IOException {
        listener = new JdkListener();
    }

    @Override
    public final int listen() {
        return listener.port();
    }

    @Override
    public final void shape(Shape shape) {
        body = shape.body();
        messages = shape.messages();
    }

    @Override
    public final void tick(long stamp) {
        if (messages == 1) {
            try (SendBuffer message = pool.acquire(Long.BYTES + body.length)) {
                send(message.putLong(stamp).putBytes(body).seal());
            }
            return;
        }
        for (int i = 0; i < messages; i++) {
            try (SendBuffer message = pool.acquire(Long.BYTES + body.length)) {
                batch.add(message.putLong(stamp).putBytes(body).seal());
            }
        }
        send(batch.seal());
        batch.clear();
    }

    /** Sends a message to all sessions, or throws. */
    abstract void send(SendBuffer message);

    /** Sends a batch to all sessions, or throws. */
    abstract void send(SendBatch messages);

    @Override
    public long outstandingBuffers() {
        return pool.stats().outstandingBuffers();
    }
}
