/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;

/**
 * Netty's channel and its outbound buffer, with a transport that takes everything: a duplicate for each channel, void
 * promises, one flush with the last message of the tick, which spares a walk through the pipeline. The channels take
 * every thread for their event loop, so no task is created.
 */
final class NettyFan extends Fan {
    private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
    private final TakingChannel sink = new TakingChannel();
    private final Channel[] channels;
    private final ChannelPromise[] promises;

    NettyFan(int sessions) {
        EventLoop loop = NettyTakingChannel.loopOfEveryThread();
        channels = new Channel[sessions];
        promises = new ChannelPromise[sessions];
        for (int i = 0; i < sessions; i++) {
            channels[i] = new NettyTakingChannel(sink);
            loop.register(channels[i]).syncUninterruptibly();
            promises[i] = channels[i].voidPromise();
        }
    }

    @Override
    void tick(int messages, long value) {
        for (int i = 1; i < messages; i++) {
            ByteBuf message = build(value);
            for (int k = 0; k < channels.length; k++) {
                var unused = channels[k].write(message.retainedDuplicate(), promises[k]);
            }
            message.release();
        }
        ByteBuf last = build(value);
        for (int k = 0; k < channels.length; k++) {
            var unused = channels[k].writeAndFlush(last.retainedDuplicate(), promises[k]);
        }
        last.release();
    }

    private ByteBuf build(long value) {
        return allocator.directBuffer(LENGTH, LENGTH).writerIndex(LENGTH).setLong(LENGTH - Long.BYTES, value);
    }

    @Override
    long taken() {
        return sink.taken();
    }

    @Override
    public void close() {
        for (Channel channel : channels) {
            var unused = channel.close();
        }
    }
}
