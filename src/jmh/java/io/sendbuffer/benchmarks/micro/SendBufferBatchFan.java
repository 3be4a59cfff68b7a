/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendQueue;
import java.util.stream.Stream;

/** A queue for each receiver; the messages of a tick are collected in a batch, which each queue takes and drains. */
final class SendBufferBatchFan extends Fan {
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final TakingChannel channel = new TakingChannel();
    private final SendBatch batch = new SendBatch();
    private final SendQueue[] queues;

    SendBufferBatchFan(int sessions) {
        queues = Stream.generate(SendQueue::new).limit(sessions).toArray(SendQueue[]::new);
    }

    @Override
    void tick(int messages, long value) {
        for (int i = 0; i < messages; i++) {
            SendBuffer message = pool.acquire(LENGTH).putLong(LENGTH - Long.BYTES, value);
            batch.add(message.seal(LENGTH));
            message.release();
        }
        batch.seal();
        batch.retain(queues.length);
        for (SendQueue queue : queues) {
            queue.offerRetained(batch); // never refused: each tick is drained
            queue.flush(channel);
        }
        batch.clear();
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
