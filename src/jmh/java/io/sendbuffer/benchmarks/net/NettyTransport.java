/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import org.jspecify.annotations.Nullable;

/** Netty's transports. A class of its own, so that a contender that asks for one does not load the others. */
public enum NettyTransport {
    NIO("netty-nio") {
        @Override
        public @Nullable Throwable whyNot() {
            return null;
        }

        @Override
        public IoHandlerFactory handlers(int sessions) {
            return NioIoHandler.newFactory();
        }

        @Override
        public Class<? extends ServerChannel> serverChannel() {
            return NioServerSocketChannel.class;
        }
    },

    EPOLL("netty-epoll") {
        @Override
        public @Nullable Throwable whyNot() {
            return Epoll.unavailabilityCause();
        }

        @Override
        public IoHandlerFactory handlers(int sessions) {
            return EpollIoHandler.newFactory();
        }

        @Override
        public Class<? extends ServerChannel> serverChannel() {
            return EpollServerSocketChannel.class;
        }
    },

    /**
     * With a ring that holds a tick for all sessions in one submission: with the default of 128 the completions of
     * 1,000 sessions overflow, which makes it several times slower.
     */
    IO_URING("netty-io_uring") {
        @Override
        public @Nullable Throwable whyNot() {
            return IoUring.unavailabilityCause();
        }

        @Override
        public IoHandlerFactory handlers(int sessions) {
            int ring = Math.max(MIN_RING, Math.min(MAX_RING, 2 * Integer.highestOneBit(sessions)));
            return IoUringIoHandler.newFactory(
                    new IoUringIoHandlerConfig().setRingSize(ring).setCqSize(Math.max(MIN_CQ, 2 * ring)));
        }

        @Override
        public Class<? extends ServerChannel> serverChannel() {
            return IoUringServerSocketChannel.class;
        }
    };

    private static final int MIN_RING = 128;
    private static final int MAX_RING = 32_768;
    private static final int MIN_CQ = 4096;

    private final String contender;

    NettyTransport(String contender) {
        this.contender = contender;
    }

    /** The one that a contender is named after. */
    public static NettyTransport of(String contender) {
        for (NettyTransport transport : values()) {
            if (transport.contender.equals(contender)) {
                return transport;
            }
        }
        throw new IllegalArgumentException("no contender " + contender + " of Netty's");
    }

    /** The name of the contender that uses it. */
    public String contender() {
        return contender;
    }

    /** Null if it is available here. */
    public abstract @Nullable Throwable whyNot();

    public abstract IoHandlerFactory handlers(int sessions);

    public abstract Class<? extends ServerChannel> serverChannel();

    /** Whether it writes only at the end of the loop's turn. */
    boolean submitsAtEndOfTurn() {
        return this == IO_URING;
    }
}
