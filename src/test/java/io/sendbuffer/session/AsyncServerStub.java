/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** A bound asynchronous server socket without a descriptor: the test connects to it. */
final class AsyncServerStub extends AsynchronousServerSocketChannel {
    private static final SocketAddress SOMEWHERE = InetSocketAddress.createUnresolved("nowhere", 1);

    private final Faults faults;

    /** Guarded by this. */
    private final Deque<StubStream> waiting = new ArrayDeque<>();

    /** Guarded by this. */
    private @Nullable CompletionHandler<AsynchronousSocketChannel, ?> pending;

    private volatile boolean open = true;
    private volatile boolean completesWithin;

    AsyncServerStub(Faults faults) {
        super(null);
        this.faults = faults;
    }

    /** From now on, an accept that finds a connection completes within its call. */
    AsyncServerStub completeWithin() {
        completesWithin = true;
        return this;
    }

    /** A client connects. */
    void connect(StubStream stream) {
        synchronized (this) {
            waiting.add(stream);
        }
        AsyncStub.execute(this::completePendingAccept);
    }

    /** For the test, so not counted as a call. */
    boolean isStillOpen() {
        return open;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    @Override
    public <A> void accept(A attachment, CompletionHandler<AsynchronousSocketChannel, ? super A> handler) {
        faults.hit(Faults.Edge.ACCEPT);
        synchronized (this) {
            pending = handler;
        }
        if (completesWithin) {
            completePendingAccept();
        } else {
            AsyncStub.execute(this::completePendingAccept);
        }
    }

    private void completePendingAccept() {
        CompletionHandler<AsynchronousSocketChannel, ?> handler;
        StubStream next;
        synchronized (this) {
            handler = pending;
            if (handler == null || (open && waiting.isEmpty())) {
                return;
            }
            next = open ? waiting.remove() : null;
            pending = null;
        }
        complete(handler, next);
    }

    /** What a completion handler throws is lost, as in a JDK thread pool. */
    @SuppressWarnings("NullAway") // the attachment is null, as the library's is
    private static void complete(CompletionHandler<AsynchronousSocketChannel, ?> handler, @Nullable StubStream next) {
        try {
            if (next == null) {
                handler.failed(new AsynchronousCloseException(), null);
            } else {
                handler.completed(new AsyncStub(next), null);
            }
        } catch (Throwable e) {
            return;
        }
    }

    @Override
    public boolean isOpen() {
        faults.hit(Faults.Edge.IS_OPEN);
        return open;
    }

    @Override
    public void close() {
        open = false;
        AsyncStub.execute(this::completePendingAccept);
        faults.hit(Faults.Edge.CLOSE);
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
    public <T> AsynchronousServerSocketChannel setOption(SocketOption<T> name, T value) {
        return this;
    }

    // ---- what sessions do not use

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public AsynchronousServerSocketChannel bind(@Nullable SocketAddress local, int backlog) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<AsynchronousSocketChannel> accept() {
        throw new UnsupportedOperationException();
    }
}
