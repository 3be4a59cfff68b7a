/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The channels of one event loop, and how they are sent a tick: all on that loop, with one flush for each channel and
 * tick. Each loop builds the messages itself, so that loops share no reference count.
 */
final class NettyShare {
    private final EventLoop loop;
    private final Channel[] channels;
    private final ByteBufAllocator allocator;
    private final boolean tickAtOnce;
    private final AtomicInteger waiting = new AtomicInteger();

    // Of the loop.
    private byte[] body = {};
    private int messages;

    NettyShare(EventLoop loop, Channel[] channels, ByteBufAllocator allocator, boolean tickAtOnce) {
        this.loop = loop;
        this.channels = channels;
        this.allocator = allocator;
        this.tickAtOnce = tickAtOnce;
    }

    void shape(Shape shape) {
        loop.submit(() -> {
                    body = shape.body();
                    messages = shape.messages();
                })
                .syncUninterruptibly();
    }

    /**
     * From another thread. A tick with another one already waiting behind it is not flushed: the last one flushes for
     * all, as Netty's own {@code FlushConsolidationHandler} does. That makes Netty several times faster here when ticks
     * are small.
     */
    void submit(long stamp) {
        waiting.incrementAndGet();
        loop.execute(() -> write(stamp, waiting.decrementAndGet() == 0));
    }

    /** On the event loop. Without the flush the tick waits for the flush of the next one. */
    void write(long stamp, boolean flush) {
        if (tickAtOnce) {
            ByteBuf tick = buffer(messages);
            for (int i = 0; i < messages; i++) {
                put(stamp, tick);
            }
            write(tick, flush);
            return;
        }
        for (int i = 1; i < messages; i++) {
            write(put(stamp, buffer(1)), false);
        }
        write(put(stamp, buffer(1)), flush); // in one call, which spares a walk through the pipeline
    }

    private ByteBuf buffer(int count) {
        return allocator.directBuffer(count * (Long.BYTES + body.length));
    }

    private ByteBuf put(long stamp, ByteBuf buffer) {
        return buffer.writeLong(stamp).writeBytes(body);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a void promise reports nothing; a failure goes to the handler
    private void write(ByteBuf bytes, boolean flush) {
        for (Channel channel : channels) {
            if (flush) {
                channel.writeAndFlush(bytes.retainedDuplicate(), channel.voidPromise());
            } else {
                channel.write(bytes.retainedDuplicate(), channel.voidPromise());
            }
        }
        bytes.release();
    }
}
