/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.benchmarks.net.Greeting;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.web.WebListener;
import io.sendbuffer.web.WebServer;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Creates sessions from accepted channels. Closing it closes them. */
abstract class MeasuredHost implements AutoCloseable {

    /** Returns the session, from which all its objects can be reached */
    abstract Object add(SocketChannel accepted) throws Exception;

    /** Sends what a client sends first, and returns when it is answered. */
    void greet(SocketChannel client) throws IOException {}

    /** Waits until all added sessions are set up. */
    void settle() throws Exception {
        TimeUnit.MILLISECONDS.sleep(200);
    }

    /** What all the others are based on: a channel that is registered with a selector. */
    static final class Bare extends MeasuredHost {
        private final Selector selector;

        Bare() throws IOException {
            selector = Selector.open();
        }

        @Override
        Object add(SocketChannel accepted) throws IOException {
            accepted.configureBlocking(false);
            return accepted.register(selector, SelectionKey.OP_READ);
        }

        @Override
        void settle() throws IOException {
            selector.selectNow();
        }

        @Override
        public void close() throws IOException {
            List<SelectableChannel> channels = new ArrayList<>();
            selector.keys().forEach(key -> channels.add(key.channel()));
            for (SelectableChannel channel : channels) {
                channel.close();
            }
            selector.close();
        }
    }

    static final class OfSendBuffer extends MeasuredHost {
        private final SessionListener listener = new SessionListener() {};
        private final SendLoop loop;
        private final LoopRunner runner;

        OfSendBuffer() throws IOException {
            loop = SendLoop.builder().build();
            runner = loop.start();
        }

        @Override
        Object add(SocketChannel accepted) throws IOException {
            return loop.add(accepted, listener);
        }

        @Override
        public void close() {
            runner.close();
        }
    }

    /** Idle clients of the package web, which offer what browsers do. */
    static final class OfWebSockets extends MeasuredHost {
        private final SendBufferPool pool = SendBufferPool.builder().build();
        private final WebListener listener = new WebListener() {};
        private final WebServer web =
                WebServer.builder(pool).webSocket("/", request -> listener).build();
        private final SendLoop loop;
        private final LoopRunner runner;

        OfWebSockets() throws IOException {
            loop = SendLoop.builder().build();
            runner = loop.start();
        }

        @Override
        Object add(SocketChannel accepted) throws IOException {
            return loop.add(accepted, web.listenerFor(accepted));
        }

        @Override
        void greet(SocketChannel client) throws IOException {
            Greeting.DEFLATED_WEB_SOCKET.exchange(client);
        }

        @Override
        public void close() {
            runner.close();
            web.close();
            pool.close();
        }
    }

    static final class OfNetty extends MeasuredHost {
        private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        private final List<NioSocketChannel> channels = new ArrayList<>();

        @Override
        Object add(SocketChannel accepted) throws InterruptedException {
            NioSocketChannel channel = new NioSocketChannel(accepted);
            group.register(channel).sync();
            channels.add(channel);
            return channel;
        }

        @Override
        public void close() throws InterruptedException {
            for (NioSocketChannel channel : channels) {
                channel.close().sync();
            }
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }
}
