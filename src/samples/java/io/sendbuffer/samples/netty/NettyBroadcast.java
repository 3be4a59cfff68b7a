/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A Netty server whose clients all get the same messages. A message is written once, and goes to every socket without a
 * copy.
 *
 * <p>A client that stops reading is closed when {@link #MAX_QUEUED} bytes wait for it: its stream would have a gap from
 * there on, and its backlog keeps memory of the pool.
 *
 * <p>Thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // exceptionCaught gets a failed write, and a close needs no result
public final class NettyBroadcast implements AutoCloseable {
    /** The largest backlog of one client, in bytes. */
    static final int MAX_QUEUED = 1 << 20;

    private static final int THREADS = 2;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            THREADS, new DefaultThreadFactory("netty-broadcast", true), NioIoHandler.newFactory());

    /** All clients and the listening socket; they leave by themselves when they are closed. */
    private final ChannelGroup channels = new DefaultChannelGroup("broadcast", GlobalEventExecutor.INSTANCE, true);

    private final SendBuffer welcome;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Creates a server that does not listen yet. The pool stays the caller's; close it after the server. */
    public NettyBroadcast(SendBufferPool pool) {
        welcome = pool.acquire(64).putAscii("welcome\n").seal();
    }

    /**
     * Listens.
     *
     * @param address where to listen; port 0 for any free one
     * @return the address with the port
     */
    public InetSocketAddress listen(InetSocketAddress address) {
        SendBufferHandler sendBuffers = new SendBufferHandler();
        ClientHandler clients = new ClientHandler();
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(0, MAX_QUEUED))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast(sendBuffers, clients);
                    }
                })
                .bind(address)
                .syncUninterruptibly()
                .channel();
        channels.add(listener);
        return (InetSocketAddress) listener.localAddress();
    }

    /**
     * Sends a message to every connected client.
     *
     * @param message a sealed buffer that the caller holds a reference to, and keeps
     */
    public void broadcast(SendBuffer message) {
        ByteBuf bytes = SendBufferByteBuf.of(message); // a reference to the message, for all clients together
        channels.writeAndFlush(
                bytes, ChannelMatchers.all(), true); // a duplicate for each: another index, the same bytes
    }

    /** The number of connected clients. */
    public int clients() {
        return (int) channels.stream()
                .filter(channel -> !(channel instanceof ServerChannel))
                .count();
    }

    /** Ends all connections and threads; after that, no memory of the pool is in use here. */
    @Override
    public void close() {
        channels.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        if (!closed.getAndSet(true)) {
            welcome.release();
        }
    }

    /** What a client's connection does, on the thread of its loop. */
    @Sharable
    private final class ClientHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext client) {
            client.writeAndFlush(welcome, client.voidPromise()); // through the SendBufferHandler
            channels.add(client.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext client, Object bytes) {
            ReferenceCountUtil.release(bytes); // input is ignored
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext client) {
            if (!client.channel().isWritable()) {
                client.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext client, Throwable cause) {
            client.close();
        }
    }
}
