/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendQueue;
import java.util.stream.Stream;

/** A queue for each receiver; each message is offered to all, and at the end of the tick each queue is flushed. */
final class SendBufferFan extends Fan {
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final TakingChannel channel = new TakingChannel();
    private final SendQueue[] queues;

    SendBufferFan(int sessions) {
        queues = Stream.generate(SendQueue::new).limit(sessions).toArray(SendQueue[]::new);
    }

    @Override
    void tick(int messages, long value) {
        for (int i = 0; i < messages; i++) {
            offerToAll(value);
        }
        for (SendQueue queue : queues) {
            queue.flush(channel);
        }
    }

    private void offerToAll(long value) {
        SendBuffer message =
                pool.acquire(LENGTH).putLong(LENGTH - Long.BYTES, value).seal(LENGTH);
        message.retain(queues.length);
        for (SendQueue queue : queues) {
            queue.offerRetained(message); // never refused: each tick is drained
        }
        message.release();
    }

    @Override
    long taken() {
        return channel.taken();
    }

    @Override
    public void close() {
        for (SendQueue queue : queues) {
            queue.close();
        }
        pool.close();
    }
}
