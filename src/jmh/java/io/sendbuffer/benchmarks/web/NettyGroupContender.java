/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.util.concurrent.GlobalEventExecutor;

/**
 * Netty as its guides say: a frame written to a {@link ChannelGroup}, which each channel encodes, and deflates. The
 * messages of a tick are flushed together.
 */
final class NettyGroupContender extends NettyWebContender {
    private final ChannelGroup everyone = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    NettyGroupContender(int clients, boolean deflates) {
        super(clients, deflates);
    }

    @Override
    void add(Channel channel) {
        everyone.add(channel);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // as its examples do
    public void tick(long stamp) {
        if (messages() == 1) {
            everyone.writeAndFlush(new TextWebSocketFrame(nextText()));
            return;
        }
        for (int i = 0; i < messages(); i++) {
            everyone.write(new TextWebSocketFrame(nextText()));
        }
        everyone.flush();
    }
}
