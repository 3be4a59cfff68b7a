/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.List;

/**
 * Netty with its {@code SslHandler} and the JDK's engine, as this library uses. Publishing is as its examples have it,
 * each message by {@link ChannelGroup#writeAndFlush} on the event loop; or as experts do it, with one flush for each
 * channel and tick, and then, too, with all messages of a tick in one buffer.
 */
final class NettyTlsContender extends NettyContender {
    private static final long CONNECT_MILLIS = 60_000;

    /** How it publishes. */
    enum Form {
        AS_GUIDES,
        FLUSH_PER_TICK,
        TICK_AT_ONCE
    }

    private final SslContext context;
    private final Form form;
    private final ChannelGroup everyone;

    // Of the loop.
    private byte[] body = {};
    private int messages;

    NettyTlsContender(Form form, int sessions) throws IOException, InterruptedException {
        super(transport(), form == Form.TICK_AT_ONCE, sessions, 1);
        this.form = form;
        this.everyone = new DefaultChannelGroup(loop());
        this.context = SslContextBuilder.forServer(TlsKeys.managers())
                .sslProvider(SslProvider.JDK)
                .protocols(TlsKeys.PROTOCOL)
                .ciphers(List.of(TlsKeys.SUITE))
                .build();
    }

    private static NettyTransport transport() {
        return NettyTransport.EPOLL.whyNot() == null ? NettyTransport.EPOLL : NettyTransport.NIO;
    }

    @Override
    void addHandlers(ChannelPipeline pipeline, ByteBufAllocator allocator) {
        SslHandler tls = context.newHandler(allocator);
        tls.setHandshakeTimeoutMillis(CONNECT_MILLIS);
        pipeline.addLast(tls, new AfterHandshake());
    }

    /** To those behind, a channel is active when its handshake is over. */
    private final class AfterHandshake extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext pipeline) {}

        @Override
        public void userEventTriggered(ChannelHandlerContext pipeline, Object event) {
            if (event instanceof SslHandshakeCompletionEvent completion && completion.isSuccess()) {
                everyone.add(pipeline.channel());
                pipeline.fireChannelActive();
                pipeline.pipeline().remove(this);
            }
        }
    }

    @Override
    public void shape(Shape shape) {
        super.shape(shape);
        loop().submit(() -> {
                    body = shape.body();
                    messages = shape.messages();
                })
                .syncUninterruptibly();
    }

    @Override
    public void tick(long stamp) {
        if (form == Form.AS_GUIDES) {
            loop().execute(() -> writeAndFlushEach(stamp));
        } else {
            shares().get(0).submit(stamp);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // as the guides' examples do
    private void writeAndFlushEach(long stamp) {
        for (int i = 0; i < messages; i++) {
            ByteBuf message = ByteBufAllocator.DEFAULT.directBuffer(Long.BYTES + body.length);
            everyone.writeAndFlush(message.writeLong(stamp).writeBytes(body));
        }
    }
}
