/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.sendbuffer.benchmarks.net.CpuProbe;
import io.sendbuffer.benchmarks.net.JdkListener;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.NettyTransport;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Netty as its guides broadcast, with its default water marks: on the event loop each channel that is writable gets a
 * retained duplicate of the message with a void promise, and one that is not is passed over. A message with another one
 * waiting behind it is not flushed, which makes Netty several times faster here. The allocator is the pooled one, which
 * knows what is in use; one call of it is little beside as many writes as there are channels. Or as the guides'
 * examples broadcast: to a {@link ChannelGroup}, which queues without a bound for a channel that is not read.
 */
final class NettyHost extends Host {
    private static final int CONNECT_SECONDS = 60;

    private final Setup setup;
    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;
    private final long loopThread;
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    private final Arrivals readers = new Arrivals();
    private final Arrivals others = new Arrivals();
    private final Channel readersServer;
    private final Channel othersServer;
    /** Those that read come first. */
    private final List<Channel> connected = new ArrayList<>();

    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable Throwable failure;
    private volatile boolean isClosing;

    /** Null if only channels that are writable are written to. */
    private final @Nullable ChannelGroup everyone;

    // Of the loop, from when all are connected.
    private Channel[] channels = {};
    private boolean[] wasPassedOver = {};

    NettyHost(Setup setup) {
        this.setup = setup;
        NettyTransport transport = NettyTransport.of(setup.contender().replace(Setup.AS_GUIDES, ""));
        Throwable cause = transport.whyNot();
        if (cause != null) {
            throw new UnsupportedOperationException("not available here: " + cause, cause);
        }
        this.group = new MultiThreadIoEventLoopGroup(1, transport.handlers(setup.readers() + setup.others()));
        this.loop = group.next();
        this.everyone = setup.contender().endsWith(Setup.AS_GUIDES) ? new DefaultChannelGroup(loop) : null;
        this.loopThread = loop.submit(() -> Thread.currentThread().getId())
                .syncUninterruptibly()
                .getNow();
        this.readersServer = listen(transport, readers, 0);
        this.othersServer = listen(transport, others, setup.kernelBytes());
    }

    private Channel listen(NettyTransport transport, Arrivals arrivals, int sendBufferBytes) {
        ServerBootstrap server = new ServerBootstrap()
                .group(group)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, JdkListener.BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childHandler(arrivals);
        if (sendBufferBytes > 0) {
            server.childOption(ChannelOption.SO_SNDBUF, sendBufferBytes);
        }
        return server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    @Override
    Line ports() {
        return Line.of("port").with("number", port(readersServer)).with("others", port(othersServer));
    }

    private static int port(Channel server) {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    void accept() throws InterruptedException {
        connected.addAll(readers.await(setup.readers()));
        connected.addAll(others.await(setup.others()));
        loop.submit(() -> {
                    channels = connected.toArray(new Channel[0]);
                    wasPassedOver = new boolean[channels.length];
                    if (everyone != null) {
                        everyone.addAll(connected);
                    }
                })
                .sync();
    }

    @Override
    long tick(long stamp, byte[] body, Run.Part part, CpuProbe probe) {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException(cause);
        }
        long before = probe.nanos();
        waiting.incrementAndGet();
        loop.execute(() -> write(stamp, body, waiting.decrementAndGet() == 0));
        return probe.nanos() - before;
    }

    private void write(long stamp, byte[] body, boolean flush) {
        try {
            ByteBuf message = allocator
                    .directBuffer(Long.BYTES + body.length)
                    .writeLong(stamp)
                    .writeBytes(body);
            if (everyone != null) {
                writeToAll(everyone, message);
                return;
            }
            for (int i = 0; i < channels.length; i++) {
                if (channels[i].isWritable()) {
                    write(channels[i], message.retainedDuplicate(), flush);
                } else {
                    wasPassedOver[i] = true;
                }
            }
            message.release();
        } catch (Throwable e) {
            failure = e;
        }
    }

    /** As in Netty's examples of a chat: nobody looks whether a channel is writable, or at what becomes of it. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void writeToAll(ChannelGroup everyone, ByteBuf message) {
        everyone.writeAndFlush(message);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a void promise reports nothing; a failure goes to the handler
    private static void write(Channel channel, ByteBuf bytes, boolean flush) {
        if (flush) {
            channel.writeAndFlush(bytes, channel.voidPromise());
        } else {
            channel.write(bytes, channel.voidPromise());
        }
    }

    @Override
    Churn churn(Run run) {
        throw new UnsupportedOperationException("sessions subscribe to logs alone");
    }

    @Override
    void describe(Line answer) {
        answer.with(
                "behind",
                loop.submit(this::countPassedOver).syncUninterruptibly().getNow());
    }

    private int countPassedOver() {
        int count = 0;
        for (int i = 0; i < wasPassedOver.length; i++) {
            wasPassedOver[i] |= everyone != null && !channels[i].isWritable();
            if (wasPassedOver[i] && i < setup.readers()) {
                throw new IllegalStateException("a channel that is read was not writable");
            }
            count += wasPassedOver[i] ? 1 : 0;
        }
        return count;
    }

    @Override
    int sessionCount() {
        return loop.submit(() -> {
                    int open = 0;
                    for (Channel channel : channels) {
                        open += channel.isActive() ? 1 : 0;
                    }
                    return open;
                })
                .syncUninterruptibly()
                .getNow();
    }

    @Override
    long loopCpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(loopThread);
    }

    /**
     * There is no cap but the JVM's. The allocator's pinned bytes are those in use, rounded up, and not their chunks.
     */
    @Override
    HostMemory memory() {
        long pinned = allocator.pinnedDirectMemory();
        return new HostMemory(allocator.metric().usedDirectMemory(), pinned, pinned, 0, Long.MAX_VALUE);
    }

    @Override
    long outstanding() {
        return allocator.pinnedDirectMemory();
    }

    @Override
    public void close() {
        isClosing = true;
        for (Channel channel : connected) {
            channel.close().awaitUninterruptibly();
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }

    /** The channels, in the order in which they connect. */
    @ChannelHandler.Sharable
    private final class Arrivals extends ChannelInboundHandlerAdapter {
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
            if (!isClosing) { // then what stalled channels still hold fails
                failure = cause;
            }
        }

        synchronized List<Channel> await(int count) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CONNECT_SECONDS);
            while (channels.size() < count) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new IllegalStateException("only " + channels.size() + " of " + count + " came");
                }
                wait(left);
            }
            return List.copyOf(channels);
        }
    }
}
