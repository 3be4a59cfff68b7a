/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous socket that completes its writes when and how the test decides: within the call, later by a call of
 * the test, in random parts, or never. Reads stay pending. It checks its writer: one write at a time.
 */
final class ScriptedAsyncChannel extends AsyncSocketDouble {
    private static final InetSocketAddress PEER = InetSocketAddress.createUnresolved("peer", 1);

    final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    final AtomicBoolean writing = new AtomicBoolean();
    volatile boolean overlapped;

    /** Completes within the call. Otherwise {@link #complete} does. */
    volatile boolean inline = true;

    volatile @Nullable SplittableRandom partial;
    volatile @Nullable RuntimeException refusal;
    volatile Runnable duringWrite = () -> {};

    /** Thrown by a write that was begun, and is pending. */
    volatile @Nullable Error afterBegin;

    volatile Runnable onClose = () -> {};
    volatile int deepestStack;
    int writes;

    private volatile boolean open = true;
    private @Nullable Runnable completion;
    private @Nullable Runnable failure;

    @Override
    public <A> void write(
            ByteBuffer[] sources,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        RuntimeException refused = refusal;
        if (refused != null) {
            throw refused;
        }
        if (!writing.compareAndSet(false, true)) {
            overlapped = true; // not |=, which overwrites what another writer found
        }
        writes++;
        deepestStack = Math.max(deepestStack, new Throwable().getStackTrace().length);
        duringWrite.run();
        completion = () -> {
            long count = takeSome(sources, offset, length);
            writing.set(false);
            handler.completed(count, attachment);
        };
        failure = () -> {
            writing.set(false);
            handler.failed(new AsynchronousCloseException(), attachment);
        };
        Error thrown = afterBegin;
        if (thrown != null) {
            throw thrown;
        }
        if (!open) {
            fail();
        } else if (inline) {
            complete();
        }
    }

    private long takeSome(ByteBuffer[] sources, int offset, int length) {
        SplittableRandom random = partial;
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            int size = sources[i].remaining();
            int take = random == null ? size : random.nextInt(size + 1);
            byte[] bytes = new byte[take];
            sources[i].get(bytes);
            taken.writeBytes(bytes);
            count += take;
            if (take < size) {
                break;
            }
        }
        return count;
    }

    boolean isPending() {
        return completion != null;
    }

    /** Completes the pending write. */
    void complete() {
        Runnable action = completion;
        completion = null;
        if (action == null) {
            throw new AssertionError("no write is pending");
        }
        action.run();
    }

    /** Fails the pending write, as the close of a real channel does. */
    void fail() {
        Runnable action = failure;
        completion = null;
        if (action == null) {
            throw new AssertionError("no write is pending");
        }
        action.run();
    }

    @Override
    public <A> void read(
            ByteBuffer target,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        // stays pending
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false; // whether the pending write ends with it is up to the test
        onClose.run();
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return PEER;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return PEER;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    // ---- not used by sessions

    @Override
    public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
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
    public <A> void connect(SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
        throw new UnsupportedOperationException();
    }
}
