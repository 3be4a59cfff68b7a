/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.QueueLimits;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;

/**
 * A loop that never waits. The test runs its duty cycles, and so decides what happens between two of them. Owns the
 * sockets that it makes.
 */
final class HandDrivenLoop implements AutoCloseable {
    final SendLoop loop;

    /** The errors that the error handler got. */
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    private final Deque<AutoCloseable> sockets = new ArrayDeque<>();
    private final List<SocketChannel> peers = new ArrayList<>();
    private boolean closed;

    HandDrivenLoop(WriteMode mode, QueueLimits limits) throws IOException {
        this(SendLoop.builder().writeMode(mode).queueLimits(limits).maxSelectTime(Duration.ZERO));
    }

    HandDrivenLoop(SendLoop.Builder settings) throws IOException {
        loop = settings.errorHandler(errors::add).build();
    }

    HandDrivenLoop(WriteMode mode) throws IOException {
        this(mode, QueueLimits.DEFAULT);
    }

    Loopback connect() throws IOException {
        return owned(Loopback.open());
    }

    Loopback connectWithSmallBuffers() throws IOException {
        return owned(Loopback.withSmallBuffers());
    }

    private Loopback owned(Loopback connection) {
        peers.add(connection.peer);
        sockets.add(connection);
        return connection;
    }

    ServerSocketChannel listen() throws IOException {
        ServerSocketChannel server = Loopback.listen(64);
        sockets.add(server);
        return server;
    }

    SocketChannel connect(ServerSocketChannel server) throws IOException {
        SocketChannel peer = Loopback.connect(server, 0);
        peers.add(peer);
        sockets.add(peer);
        return peer;
    }

    /** Adds a session and waits until it is open. */
    Session open(Loopback connection, SessionListener listener) throws IOException {
        Session session = loop.add(connection.ours, listener);
        dutyCycle();
        return session;
    }

    /** Runs one duty cycle. Returns how much it found to do. */
    int dutyCycle() throws IOException {
        return loop.doWork();
    }

    void dutyCyclesUntil(String what, BooleanSupplier condition) throws Exception {
        Await.until(what, condition, loop::doWork);
    }

    /**
     * Ends the loop as its runner does. The peers end their output first, as far as they are open: no session waits for
     * what they might still send.
     */
    void end() {
        if (!closed) {
            closed = true;
            peers.forEach(peer -> CloseHelper.quietClose(peer::shutdownOutput));
            loop.onClose();
        }
    }

    @Override
    public void close() {
        end();
        CloseHelper.closeAll(sockets);
    }
}
