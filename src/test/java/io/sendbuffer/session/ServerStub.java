/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A bound server socket without a descriptor, blocking or on a {@link StubSelector}: the test connects to it. */
final class ServerStub extends ServerSocketChannel implements StubSelector.Selectable {
    private static final SocketAddress SOMEWHERE = InetSocketAddress.createUnresolved("nowhere", 1);

    private final Faults faults;
    private final Object lock = new Object();
    private final Deque<StubStream> waiting = new ArrayDeque<>();
    private volatile Runnable onChange = () -> {};

    ServerStub(Faults faults) {
        super(null);
        this.faults = faults;
    }

    /** A client connects. */
    void connect(StubStream stream) {
        synchronized (lock) {
            waiting.add(stream);
            lock.notifyAll();
        }
        onChange.run();
    }

    /** The number of connections that wait to be accepted. */
    int waiting() {
        synchronized (lock) {
            return waiting.size();
        }
    }

    @Override
    public int readyOps() {
        return waiting() > 0 ? SelectionKey.OP_ACCEPT : 0;
    }

    @Override
    public void onChange(Runnable action) {
        onChange = action;
    }

    @Override
    public @Nullable SocketChannel accept() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (isBlocking()) {
            awaitConnection();
        }
        faults.hit(Faults.Edge.ACCEPT);
        synchronized (lock) {
            return waiting.isEmpty() ? null : new SocketStub(waiting.remove());
        }
    }

    private void awaitConnection() throws IOException {
        synchronized (lock) {
            while (waiting.isEmpty()) {
                if (!isOpen()) {
                    throw new AsynchronousCloseException();
                }
                try {
                    lock.wait(10);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AsynchronousCloseException();
                }
            }
        }
    }

    @Override
    protected void implCloseSelectableChannel() {
        synchronized (lock) {
            lock.notifyAll();
        }
        faults.hit(Faults.Edge.CLOSE);
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        faults.hit(Faults.Edge.CONFIGURE);
    }

    @Override
    public SocketAddress getLocalAddress() {
        faults.hit(Faults.Edge.LOCAL_ADDRESS);
        return SOMEWHERE;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
        return this;
    }

    // ---- what sessions do not use

    @Override
    public ServerSocketChannel bind(@Nullable SocketAddress local, int backlog) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ServerSocket socket() {
        throw new UnsupportedOperationException();
    }
}
