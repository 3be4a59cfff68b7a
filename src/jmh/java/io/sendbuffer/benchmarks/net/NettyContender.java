/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Netty as its guides recommend for a broadcast: the message is built once in a pooled direct buffer, each channel gets
 * a retained duplicate with a void promise, all on the event loop, with one flush per channel and tick. Or, as those do
 * it who know both Netty and their protocol well, with all messages of a tick in one buffer.
 */
abstract class NettyContender extends Contender {
    private static final int CONNECT_SECONDS = 60;

    private final NettyTransport transport;
    private final boolean tickAtOnce;
    private final MultiThreadIoEventLoopGroup group;

    /** The adaptive allocator; it was measured to be faster here than the pooled one. */
    private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;

    private final Arrivals arrivals = new Arrivals();
    private List<NettyShare> shares = List.of();

    NettyContender(NettyTransport transport, boolean tickAtOnce, int sessions, int loops) {
        this.transport = transport;
        this.tickAtOnce = tickAtOnce;
        Throwable cause = transport.whyNot();
        if (cause != null) {
            throw new UnsupportedOperationException("not available here: " + cause, cause);
        }
        group = new MultiThreadIoEventLoopGroup(loops, transport.handlers(sessions));
    }

    @Override
    public int listen() throws InterruptedException {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, JdkListener.BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                // Nothing is refused, and no listener is notified of a full buffer.
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(Integer.MAX_VALUE - 1, Integer.MAX_VALUE))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        addHandlers(channel.pipeline(), allocator);
                        channel.pipeline().addLast(arrivals);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Those below the messages. */
    void addHandlers(ChannelPipeline pipeline, ByteBufAllocator forThem) {}

    @Override
    public void awaitSessions(int count) throws InterruptedException {
        shares =
                Arrays.stream(arrivals.await(count))
                        .collect(Collectors.groupingBy(Channel::eventLoop))
                        .entrySet()
                        .stream()
                        .map(entry -> share(entry.getKey(), entry.getValue()))
                        .toList();
    }

    private NettyShare share(EventLoop loop, List<Channel> channels) {
        return new NettyShare(loop, channels.toArray(new Channel[0]), allocator, tickAtOnce);
    }

    /** One for each event loop. Once all are connected. */
    final List<NettyShare> shares() {
        return shares;
    }

    /** The only event loop. */
    final EventLoop loop() {
        return group.next();
    }

    @Override
    public void shape(Shape shape) {
        shares.forEach(share -> share.shape(shape));
    }

    @Override
    public void close() throws Exception {
        super.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    /** The channels, in the order in which they connect. */
    @ChannelHandler.Sharable
    private static final class Arrivals extends ChannelInboundHandlerAdapter {
        private final List<Channel> channels = new ArrayList<>();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            synchronized (this) {
                channels.add(context.channel());
                notifyAll();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.err.println(context.channel() + ": " + cause);
        }

        synchronized Channel[] await(int count) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CONNECT_SECONDS);
            while (channels.size() < count) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new IllegalStateException("only " + channels.size() + " of " + count + " came");
                }
                wait(left);
            }
            return channels.toArray(new Channel[0]);
        }
    }
}
