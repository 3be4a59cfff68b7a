/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.DigitWire;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connected asynchronous channel without a file descriptor: a write is pending until the test completes it, which
 * reads the memory at the last moment, as a kernel may, and hands it to a {@link DigitWire}. The test sets how many
 * bytes are received, one with each read, within the call; after that a read stays pending.
 *
 * <p>As in a real one, the steps before the start of a write happen-before its completion, and those before a close
 * happen-before whatever finds the channel closed; there is no other ordering.
 */
class AsyncWire extends AsynchronousSocketChannel {
    private static final VarHandle BEGUN;

    static {
        try {
            BEGUN = MethodHandles.lookup().findVarHandle(AsyncWire.class, "begun", Runnable.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One instance for all: filling in millions of stack traces would dominate the run. */
    private static final Throwable CLOSED = new AsynchronousCloseException();

    private final DigitWire wire;
    private int readsLeft;
    private int overlaps;
    private volatile boolean closed;

    @SuppressWarnings("unused")
    private @Nullable Runnable begun;

    AsyncWire(DigitWire wire) {
        this(wire, 0);
    }

    /** Receives this many bytes. */
    AsyncWire(DigitWire wire, int reads) {
        super(null);
        this.wire = wire;
        this.readsLeft = reads;
    }

    // ---- for the test

    /**
     * Completes the pending write, and those that its completion begins. One thread at a time. False if there was none.
     */
    boolean complete() {
        boolean completed = false;
        for (Runnable write = begun(); write != null; write = begun()) {
            BEGUN.setOpaque(this, (Runnable) null);
            write.run();
            completed = true;
        }
        return completed;
    }

    private @Nullable Runnable begun() {
        return (Runnable) BEGUN.getAcquire(this);
    }

    /** How many writes were begun while another one was pending. For the arbiter. */
    int overlaps() {
        return overlaps + wire.overlaps();
    }

    // ---- for the session

    @Override
    public <A extends @Nullable Object> void write(
            ByteBuffer[] sources,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        if (begun() != null) {
            overlaps++;
        }
        Runnable completion = () -> {
            long written;
            try {
                written = wire.write(sources, offset, length);
            } catch (IOException | RuntimeException | AssertionError e) {
                handler.failed(e, attachment);
                return;
            }
            if (closed) {
                handler.failed(CLOSED, attachment); // as in the JDK: a close hides how much was written
            } else {
                handler.completed(written, attachment);
            }
        };
        BEGUN.setRelease(this, completion);
    }

    @Override
    public <A extends @Nullable Object> void read(
            ByteBuffer target,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        if (closed) {
            handler.failed(CLOSED, attachment);
        } else if (readsLeft > 0) {
            readsLeft--;
            target.put((byte) 1);
            handler.completed(1, attachment);
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    /** Completes nothing: a pending read stays pending. */
    @Override
    public void close() {
        closed = true;
    }

    @Override
    public @Nullable SocketAddress getRemoteAddress() {
        return null;
    }

    // ---- what sessions do not use

    @Override
    public AsynchronousSocketChannel bind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <A extends @Nullable Object> void connect(
            SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Void> connect(SocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Integer> read(ByteBuffer target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <A extends @Nullable Object> void read(
            ByteBuffer[] targets,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <A extends @Nullable Object> void write(
            ByteBuffer source,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Integer> write(ByteBuffer source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public AsynchronousSocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public AsynchronousSocketChannel shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw new UnsupportedOperationException();
    }
}
