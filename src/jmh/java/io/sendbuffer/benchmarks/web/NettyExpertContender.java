/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Netty as those do it who know both Netty and WebSocket well: a frame is encoded once, and deflated once, each channel
 * gets a retained duplicate below its encoder with a void promise, and is flushed once for a tick. Or, with all frames
 * of a tick in one buffer, of which each channel gets one duplicate.
 */
final class NettyExpertContender extends NettyWebContender {
    private static final int FRAME_HEAD = 10;

    private final List<ChannelHandlerContext> contexts = new ArrayList<>();
    private final FrameWriter writer;
    private final boolean tickAtOnce;

    NettyExpertContender(int clients, boolean deflates, boolean tickAtOnce) {
        super(clients, deflates);
        this.writer = new FrameWriter(deflates);
        this.tickAtOnce = tickAtOnce;
    }

    @Override
    void add(Channel channel) {
        contexts.add(channel.pipeline().firstContext());
    }

    @Override
    public void tick(long stamp) {
        if (tickAtOnce) {
            byte[] utf8 = nextUtf8();
            ByteBuf tick = allocator.directBuffer(messages() * (FRAME_HEAD + utf8.length));
            writer.write(utf8, tick);
            for (int i = 1; i < messages(); i++) {
                writer.write(nextUtf8(), tick);
            }
            writeToAll(tick, true);
            return;
        }
        for (int i = 1; i <= messages(); i++) {
            byte[] utf8 = nextUtf8();
            ByteBuf frame = allocator.directBuffer(FRAME_HEAD + utf8.length);
            writer.write(utf8, frame);
            writeToAll(frame, i == messages());
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a void promise reports nothing; a failure goes to the handler
    private void writeToAll(ByteBuf bytes, boolean flush) {
        for (ChannelHandlerContext context : contexts) {
            if (flush) {
                context.writeAndFlush(bytes.retainedDuplicate(), context.voidPromise());
            } else {
                context.write(bytes.retainedDuplicate(), context.voidPromise());
            }
        }
        bytes.release();
    }
}
