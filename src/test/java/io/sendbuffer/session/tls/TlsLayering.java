/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.samples.tls.TlsConnection;
import io.sendbuffer.samples.tls.TlsLayer;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SendLoopGroup;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionBuilder;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.SocketLayer;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import tlschannel.ServerTlsChannel;

/** How a connection becomes a session over TLS. */
enum TlsLayering {
    /** A channel as {@code tls-channel} makes it, with threads of its own. */
    CHANNEL {
        @Override
        Host start(Settings settings, SSLContext context, ThreadFactory threads, Consumer<Throwable> errors) {
            BlockingSessions sessions = blocking(settings, threads, errors);
            return new Host(
                    (socket, listener) -> sessions.add(
                            ServerTlsChannel.newBuilder(socket, context).build(), socket, listener),
                    sessions::close);
        }
    },
    /** The sample, which sends a close_notify, with threads of its own. */
    CONNECTION {
        @Override
        Host start(Settings settings, SSLContext context, ThreadFactory threads, Consumer<Throwable> errors) {
            BlockingSessions sessions = blocking(settings, threads, errors);
            return new Host(
                    (socket, listener) -> sessions.add(new TlsConnection(socket, context), socket, listener),
                    sessions::close);
        }
    },
    /** A layer on a loop. */
    LOOP {
        @Override
        Host start(Settings settings, SSLContext context, ThreadFactory threads, Consumer<Throwable> errors)
                throws IOException {
            SendLoop loop = loops(settings, errors).build();
            LoopRunner runner = loop.start();
            SocketLayer.Factory layers = TlsLayer.server(context);
            return new Host((socket, listener) -> loop.add(socket, layers, listener), runner::close);
        }
    },
    /** Layers on several loops. */
    LOOP_GROUP {
        @Override
        Host start(Settings settings, SSLContext context, ThreadFactory threads, Consumer<Throwable> errors)
                throws IOException {
            SendLoopGroup group = SendLoopGroup.start(2, loops(settings, errors));
            SocketLayer.Factory layers = TlsLayer.server(context);
            return new Host((socket, listener) -> group.add(socket, layers, listener), group::close);
        }
    };

    /** What the tests set. */
    record Settings(WriteMode mode, Duration closeTimeout, Duration writeTimeout, Duration connectTimeout) {
        private static final Duration LONG = Duration.ofSeconds(10);

        static Settings of(WriteMode mode) {
            return new Settings(mode, LONG, LONG, LONG);
        }

        Settings closeTimeout(Duration time) {
            return new Settings(mode, time, writeTimeout, connectTimeout);
        }

        /** Of a write, and of a handshake on a loop. */
        Settings patience(Duration time) {
            return new Settings(mode, closeTimeout, time, time);
        }
    }

    /** Makes sessions of accepted connections. */
    record Host(Adder adder, Runnable closer) {
        interface Adder {
            Session add(SocketChannel socket, SessionListener listener) throws IOException;
        }
    }

    abstract Host start(Settings settings, SSLContext context, ThreadFactory threads, Consumer<Throwable> errors)
            throws IOException;

    private static BlockingSessions blocking(Settings settings, ThreadFactory threads, Consumer<Throwable> errors) {
        return usual(BlockingSessions.builder(), settings, errors)
                .writeMode(settings.mode)
                .threads(threads)
                .build();
    }

    private static SendLoop.Builder loops(Settings settings, Consumer<Throwable> errors) {
        return usual(SendLoop.builder(), settings, errors).writeMode(settings.mode);
    }

    private static <B extends SessionBuilder<B>> B usual(B builder, Settings settings, Consumer<Throwable> errors) {
        return builder.queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(TlsServer.MAX_QUEUED_BYTES))
                .sendBufferSize(Loopback.SMALL)
                .closeTimeout(settings.closeTimeout)
                .writeTimeout(settings.writeTimeout)
                .connectTimeout(settings.connectTimeout)
                .errorHandler(errors::accept);
    }
}
