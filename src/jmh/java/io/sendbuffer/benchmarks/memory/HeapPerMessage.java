/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendQueue;
import io.sendbuffer.benchmarks.result.Result;
import java.util.List;

/** The heap cost of one more message in a session's queue, without the message itself, which other queues hold too. */
final class HeapPerMessage {
    private HeapPerMessage() {}

    static List<Result> measure(MemorySettings settings) throws Exception {
        return List.of(
                HeapWalk.repeat("queuedMessage", "sendbuffer", "B/message", settings, HeapPerMessage::ofSendBuffer),
                HeapWalk.repeat("queuedMessage", "netty-nio", "B/message", settings, HeapPerMessage::ofNetty));
    }

    private static double ofSendBuffer(int messages) {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT);
        try (SendBufferPool pool = SendBufferPool.builder().build();
                SendBuffer message = pool.acquire(64).putLong(1).seal()) {
            long few = sizeWithMore(queue, message, messages);
            long many = sizeWithMore(queue, message, messages);
            queue.close();
            return (double) (many - few) / messages;
        }
    }

    private static long sizeWithMore(SendQueue queue, SendBuffer message, int messages) {
        for (int i = 0; i < messages; i++) {
            queue.offer(message);
        }
        return HeapWalk.size(queue);
    }

    /**
     * Written but not flushed, messages wait in the channel's outbound buffer, which all of Netty's transports share.
     */
    private static double ofNetty(int messages) {
        EmbeddedChannel channel = new EmbeddedChannel();
        ByteBuf message = channel.alloc().directBuffer(64).writeLong(1);
        long few = sizeWithMore(channel, message, messages);
        long many = sizeWithMore(channel, message, messages);
        channel.flushOutbound();
        channel.finishAndReleaseAll();
        message.release();
        return (double) (many - few) / messages;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the void promise, which is always the same
    private static long sizeWithMore(EmbeddedChannel channel, ByteBuf message, int messages) {
        for (int i = 0; i < messages; i++) {
            channel.write(message.retainedDuplicate(), channel.voidPromise());
        }
        return HeapWalk.size(channel.unsafe().outboundBuffer());
    }
}
