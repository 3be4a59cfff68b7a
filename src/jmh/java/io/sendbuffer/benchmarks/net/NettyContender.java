/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Netty as its guides recommend for a broadcast: the message is built once in a pooled direct buffer, each channel gets
 * a retained duplicate with a void promise, all on the event loop, with one flush per channel and tick. The last
 * message of a tick is written and flushed in one call, which spares a walk through the pipeline.
 */
abstract class NettyContender extends Contender {
    private static final int CONNECT_SECONDS = 60;

    final EventLoop loop;
    private final NettyTransport transport;
    private final MultiThreadIoEventLoopGroup group;

    /** The adaptive allocator; it was measured to be faster here than the pooled one. */
    private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;

    private final Arrivals arrivals = new Arrivals();
    private Channel[] channels = {};
    private byte[] body = {};
    private int messages;

    NettyContender(NettyTransport transport, int sessions) {
        this.transport = transport;
        Throwable cause = transport.whyNot();
        if (cause != null) {
            throw new UnsupportedOperationException("not available here: " + cause, cause);
        }
        group = new MultiThreadIoEventLoopGroup(1, transport.handlers(sessions));
        loop = group.next();
    }

    @Override
    int listen() throws InterruptedException {
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
                .childHandler(arrivals)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    void awaitSessions(int count) throws InterruptedException {
        channels = arrivals.await(count);
    }

    @Override
    void shape(Shape shape) {
        loop.submit(() -> {
                    body = new byte[shape.bytes() - Long.BYTES];
                    messages = shape.messages();
                })
                .syncUninterruptibly();
    }

    /** On the event loop. Without the flush the tick waits for the flush of the next one. */
    @SuppressWarnings("FutureReturnValueIgnored") // a void promise reports nothing; a failure goes to the handler
    final void writeTick(long stamp, boolean flush) {
        for (int i = 1; i < messages; i++) {
            ByteBuf message = build(stamp);
            for (Channel channel : channels) {
                channel.write(message.retainedDuplicate(), channel.voidPromise());
            }
            message.release();
        }
        ByteBuf last = build(stamp);
        for (Channel channel : channels) {
            if (flush) {
                channel.writeAndFlush(last.retainedDuplicate(), channel.voidPromise());
            } else {
                channel.write(last.retainedDuplicate(), channel.voidPromise());
            }
        }
        last.release();
    }

    private ByteBuf build(long stamp) {
        return allocator.directBuffer(Long.BYTES + body.length).writeLong(stamp).writeBytes(body);
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
