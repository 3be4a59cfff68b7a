/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A Netty channel with a transport that takes everything. Writes as Netty's NIO transport does: an array of buffers,
 * then the number of bytes written. (Netty's own channel for tests looks for tasks after each write, which would be
 * unfair here.)
 */
final class NettyTakingChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    private static final int MAX_BYTES = 256 << 10;
    private static final int MAX_BUFFERS = 1024;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final TakingChannel sink;
    private boolean open = true;

    NettyTakingChannel(TakingChannel sink) {
        super(null);
        this.sink = sink;
    }

    /** A loop that takes every thread for its own, so that no writing thread has to hand over a task. */
    static EventLoop loopOfEveryThread() {
        return new DefaultEventLoop() {
            @Override
            public boolean inEventLoop(Thread thread) {
                return true;
            }
        };
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer outbound) {
        while (!outbound.isEmpty()) {
            ByteBuffer[] buffers = outbound.nioBuffers(MAX_BUFFERS, MAX_BYTES);
            int count = outbound.nioBufferCount();
            long written = count == 1 ? sink.write(buffers[0]) : sink.write(buffers, 0, count);
            outbound.removeBytes(written);
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setSuccess();
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return new SocketAddress() {};
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return new SocketAddress() {};
    }

    @Override
    protected void doBind(SocketAddress local) {}

    @Override
    protected void doDisconnect() {}

    @Override
    protected void doClose() {
        open = false;
    }

    @Override
    protected void doBeginRead() {}

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
