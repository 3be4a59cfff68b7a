/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * What is done when the heap is full, done once for each JVM before: a loop that dies, a session that ends for want of
 * memory, errors that are reported. There is no memory then to load and link what that needs. All of it has been loaded
 * and linked here, the JDK's part too.
 */
final class Preloading {
    private static volatile boolean over;

    private static final Set<Object> DONE = ConcurrentHashMap.newKeySet();

    /** An end that is none is not reported: neither to a listener nor to an error handler. */
    private static final SessionListener SILENT = new SessionListener() {
        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {}
    };

    private Preloading() {}

    /** Reports an error within an error handler, as a delivery or a clock does. */
    static void ofErrors() {
        if (DONE.add(ErrorDispatch.class)) {
            ErrorHandler reporting = error -> ErrorDispatch.report(inner -> {}, error);
            ErrorDispatch.report(reporting, new OutOfMemoryError("rehearsed"));
        }
    }

    /**
     * Ends a session of the given kind.
     *
     * @param session makes one over a channel that is not connected, with the given listener; is called once
     */
    static <E extends Exception> void ofEnd(Class<? extends Session> kind, Maker<E> session) throws E {
        if (DONE.add(kind)) {
            session.make(SILENT).end(new OutOfMemoryError("rehearsed"));
        }
    }

    /**
     * Makes a session.
     *
     * @param <E> what it may throw
     */
    interface Maker<E extends Exception> {
        Session make(SessionListener listener) throws E;
    }

    /** A channel to nowhere. */
    static final class NoChannel implements GatheringByteChannel {
        @Override
        public int write(ByteBuffer source) {
            return 0;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return 0;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            return 0;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Does nothing if it has been done. */
    static void once() throws IOException {
        if (!over) {
            run();
            over = true;
        }
    }

    private static void run() throws IOException {
        SendLoop.Builder settings = SendLoop.builder().selectTime(Duration.ZERO).errorHandler(error -> {});
        try (Selector selector = Selector.open();
                SocketChannel first = SocketChannel.open();
                SocketChannel second = SocketChannel.open();
                ServerSocketChannel server = ServerSocketChannel.open()) {
            first.configureBlocking(false);
            second.configureBlocking(false);
            server.configureBlocking(false);
            run(new SendLoop(settings, "rehearsal", selector, ByteBuffer.allocateDirect(1)), first, second, server);
        }
    }

    /** None of the sockets is connected or bound: each fails as soon as it is selected. */
    private static void run(SendLoop loop, SocketChannel first, SocketChannel second, ServerSocketChannel server) {
        loop.serveNew(new Acceptor(loop, server, null, connection -> null, loop::add));
        loop.serveNew(loop.newSession(first, SILENT, null));
        loop.doWork();
        loop.serveNew(loop.newSession(second, SILENT, null));
        loop.survive(new OutOfMemoryError("rehearsed"));
        loop.survive(new ClosedSelectorException());
    }
}
