/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous socket without a descriptor. What can be done at once completes within the call; what cannot, and
 * what a close ends, completes on a stub thread.
 */
final class AsyncStub extends AsyncSocketDouble {
    private static final ExecutorService COMPLETIONS =
            Executors.newSingleThreadExecutor(DaemonThreads.named("stub-completions"));

    private final StubStream stream;
    private volatile boolean open = true;
    private volatile boolean completesElsewhere;
    private volatile boolean connected = true;

    /** Guarded by this. */
    private @Nullable Runnable pendingRead;

    /** Guarded by this. */
    private @Nullable Runnable pendingWrite;

    AsyncStub(StubStream stream) {
        this.stream = stream;
        stream.onChange(() -> COMPLETIONS.execute(this::completeWhatIsReady));
    }

    /** Returns a socket that is not connected yet. */
    static AsyncStub unconnected(StubStream stream) {
        AsyncStub channel = new AsyncStub(stream);
        channel.connected = false;
        return channel;
    }

    StubStream stream() {
        return stream;
    }

    /** From now on, a write completes on another thread, never within its call. */
    AsyncStub completeElsewhere() {
        completesElsewhere = true;
        return this;
    }

    static void execute(Runnable task) {
        COMPLETIONS.execute(task);
    }

    @Override
    public <A> void read(
            ByteBuffer target,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        stream.faults.hit(Faults.Edge.READ);
        Runnable completion = () -> completeRead(target, attachment, handler);
        synchronized (this) {
            if (!stream.isReadable()) {
                pendingRead = completion;
                return;
            }
        }
        completion.run();
    }

    private <A> void completeRead(ByteBuffer target, A attachment, CompletionHandler<Integer, ? super A> handler) {
        int count;
        try {
            count = stream.readUncounted(target);
        } catch (Exception e) {
            handler.failed(e, attachment);
            return;
        }
        handler.completed(count, attachment);
    }

    @Override
    public <A> void write(
            ByteBuffer[] sources,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        stream.faults.hit(Faults.Edge.WRITE);
        Runnable completion = () -> completeWrite(sources, offset, length, attachment, handler);
        synchronized (this) {
            if (!stream.isWritable()) {
                pendingWrite = completion;
                return;
            }
        }
        if (completesElsewhere) {
            execute(() -> run(completion));
            return;
        }
        completion.run();
    }

    private <A> void completeWrite(
            ByteBuffer[] sources, int offset, int length, A attachment, CompletionHandler<Long, ? super A> handler) {
        long count;
        try {
            count = stream.writeUncounted(sources, offset, length);
        } catch (Exception e) {
            handler.failed(e, attachment);
            return;
        }
        handler.completed(count, attachment);
    }

    private void completeWhatIsReady() {
        Runnable read = null;
        Runnable write = null;
        synchronized (this) {
            if (stream.isReadable()) {
                read = pendingRead;
                pendingRead = null;
            }
            if (stream.isWritable()) {
                write = pendingWrite;
                pendingWrite = null;
            }
        }
        run(read);
        run(write);
    }

    /** What a completion handler throws is lost, as in a JDK thread pool. */
    private static void run(@Nullable Runnable completion) {
        try {
            if (completion != null) {
                completion.run();
            }
        } catch (Throwable e) {
            return;
        }
    }

    @Override
    public boolean isOpen() {
        stream.faults.hit(Faults.Edge.IS_OPEN);
        return open;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (!open) {
                return;
            }
            open = false;
        }
        stream.close();
    }

    @Override
    public @Nullable SocketAddress getRemoteAddress() throws ClosedChannelException {
        stream.faults.hit(Faults.Edge.PEER);
        if (!open) {
            throw new AsynchronousCloseException();
        }
        return connected ? SocketStub.PEER : null;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return SocketStub.PEER;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        stream.faults.hit(Faults.Edge.SUPPORTED_OPTIONS);
        return Set.of(StandardSocketOptions.TCP_NODELAY, StandardSocketOptions.SO_SNDBUF);
    }

    @Override
    public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) {
        stream.faults.hit(Faults.Edge.SET_OPTION);
        return this;
    }

    @Override
    public AsynchronousSocketChannel shutdownInput() {
        return this;
    }

    @Override
    public AsynchronousSocketChannel shutdownOutput() {
        stream.shutdownOutput();
        return this;
    }

    /** Completes on a stub thread. */
    @Override
    @SuppressWarnings("NullAway") // the result is null, as in the JDK
    public <A> void connect(SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
        stream.faults.hit(Faults.Edge.CONNECT);
        execute(() -> run(() -> {
            if (open) {
                connected = true;
                handler.completed(null, attachment);
            } else {
                handler.failed(new AsynchronousCloseException(), attachment);
            }
        }));
    }
}
