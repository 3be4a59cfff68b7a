/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.sendbuffer.benchmarks.net.JdkListener;
import io.sendbuffer.benchmarks.net.NettySteps;
import io.sendbuffer.benchmarks.net.NettyTransport;
import io.sendbuffer.benchmarks.net.Phase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Netty with its pipeline for WebSocket, on its epoll transport, publishing on the event loop: from another thread each
 * write is a task, which costs more.
 */
abstract class NettyWebContender extends WebContender {
    private static final int MAX_REQUEST = 64 << 10;

    final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;

    private final MultiThreadIoEventLoopGroup loops;
    private final NettySteps steps;

    NettyWebContender(int clients, boolean deflates) {
        super(clients, deflates);
        NettyTransport transport = NettyTransport.EPOLL;
        Throwable cause = transport.whyNot();
        if (cause != null) {
            throw new UnsupportedOperationException("not available here: " + cause, cause);
        }
        loops = new MultiThreadIoEventLoopGroup(1, transport.handlers(clients));
        steps = new NettySteps((SingleThreadIoEventLoop) loops.next(), false);
    }

    @Override
    public int listen() throws InterruptedException {
        Channel server = new ServerBootstrap()
                .group(loops)
                .channel(NettyTransport.EPOLL.serverChannel())
                .option(ChannelOption.SO_BACKLOG, JdkListener.BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // Nothing is refused, and no listener is notified of a full buffer.
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(Integer.MAX_VALUE - 1, Integer.MAX_VALUE))
                .childHandler(new Pipeline())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void run(Phase phase) throws Exception {
        steps.run(phase);
    }

    /** A client has come. On the event loop. */
    abstract void add(Channel channel);

    @Override
    public void close() throws Exception {
        super.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    /** As in Netty's example of a WebSocket server. */
    private final class Pipeline extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            ChannelPipeline pipeline =
                    channel.pipeline().addLast(new HttpServerCodec()).addLast(new HttpObjectAggregator(MAX_REQUEST));
            if (deflates) {
                pipeline.addLast(new WebSocketServerCompressionHandler(MAX_REQUEST));
            }
            pipeline.addLast(new WebSocketServerProtocolHandler("/", null, true))
                    .addLast(new Member());
        }
    }

    @ChannelHandler.Sharable
    private final class Member extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                add(context.channel());
                countOpen();
            }
            super.userEventTriggered(context, event);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {}

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.err.println(context.channel() + ": " + cause);
        }
    }
}
