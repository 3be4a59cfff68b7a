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
enum NettyTransport {
    NIO {
        @Override
        @Nullable
        Throwable whyNot() {
            return null;
        }

        @Override
        IoHandlerFactory handlers(int sessions) {
            return NioIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> serverChannel() {
            return NioServerSocketChannel.class;
        }
    },

    EPOLL {
        @Override
        @Nullable
        Throwable whyNot() {
            return Epoll.unavailabilityCause();
        }

        @Override
        IoHandlerFactory handlers(int sessions) {
            return EpollIoHandler.newFactory();
        }

        @Override
        Class<? extends ServerChannel> serverChannel() {
            return EpollServerSocketChannel.class;
        }
    },

    /**
     * With a ring that holds a tick for all sessions in one submission: with the default of 128 the completions of
     * 1,000 sessions overflow, which makes it several times slower.
     */
    IO_URING {
        @Override
        @Nullable
        Throwable whyNot() {
            return IoUring.unavailabilityCause();
        }

        @Override
        IoHandlerFactory handlers(int sessions) {
            int ring = Math.max(MIN_RING, Math.min(MAX_RING, 2 * Integer.highestOneBit(sessions)));
            return IoUringIoHandler.newFactory(
                    new IoUringIoHandlerConfig().setRingSize(ring).setCqSize(Math.max(MIN_CQ, 2 * ring)));
        }

        @Override
        Class<? extends ServerChannel> serverChannel() {
            return IoUringServerSocketChannel.class;
        }
    };

    private static final int MIN_RING = 128;
    private static final int MAX_RING = 32_768;
    private static final int MIN_CQ = 4096;

    /** Null if it is available here. */
    @Nullable
    abstract Throwable whyNot();

    abstract IoHandlerFactory handlers(int sessions);

    abstract Class<? extends ServerChannel> serverChannel();

    /** Whether it writes only at the end of the loop's turn. */
    boolean submitsAtEndOfTurn() {
        return this == IO_URING;
    }
}
