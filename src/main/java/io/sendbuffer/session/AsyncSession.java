/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;
import java.nio.channels.CompletionHandler;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous socket: its {@link AsyncWriter} writes the queue, and its {@link AsyncReader} reads until the end.
 */
final class AsyncSession extends Session {
    final AsyncSessions sessions;
    final AsynchronousSocketChannel channel;
    final SessionCallbacks callbacks;
    final AsyncWriter writer;
    private final AsyncReader reader;

    /** Until then no thread writes. */
    private volatile boolean connected;

    /** A thread reads, or is about to, until the input's end. */
    private volatile boolean reads;

    AsyncSession(AsyncSessions sessions, AsynchronousSocketChannel channel, SessionListener listener) {
        super(sessions.settings, listener);
        this.sessions = sessions;
        this.channel = channel;
        this.callbacks = new SessionCallbacks(this, sessions.registry);
        this.writer = new AsyncWriter(this);
        this.reader = new AsyncReader(this);
    }

    // ---- opening

    void connect(SocketAddress server) {
        connectsTo(server);
        watchSoon(settings.connectTimeout().toNanos());
        try {
            channel.connect(server, null, new Connected());
        } catch (Throwable e) {
            end(e);
        }
    }

    /** The same as {@link #open}, for an executor, whose threads are no place for an Error. */
    void openOrEnd() {
        try {
            open();
        } catch (Throwable e) {
            end(e);
        }
    }

    /** The channel is connected: the first callback, and then reading continues until the end. */
    void open() {
        connected(); // the clock
        reads = true;
        connected = true; // before the flush: a sender that saw it unset had queued before
        if (callbacks.begin()) {
            boolean opened = reportOpened();
            callbacks.end();
            if (opened) {
                flush();
                reader.takeTurn();
            }
        }
    }

    private boolean reportOpened() {
        try {
            callOnOpened();
            return true;
        } catch (Throwable e) {
            end(e);
            return false;
        }
    }

    // ---- writing

    @Override
    public void flush() {
        if (!connected) {
            return;
        }
        FlushPace pace = pace();
        long nanos = pace == null ? 0 : pace.nanosToBegin(queue);
        if (pace == null || nanos == 0) {
            writer.flush();
        } else if (nanos > 0) {
            pace.deliverLater(sessions.registry, nanos);
        }
    }

    @Override
    void flushToClose() {
        if (!connected && !queue.hasWork() && !isInputKept()) {
            end(null); // closed while it connects: nothing waits for the connection
        } else {
            flush();
        }
    }

    @Override
    @Nullable
    Throwable deathOfMaker() {
        return sessions.registry.death();
    }

    @Override
    boolean isWriting() {
        return writer.isWriting();
    }

    // ---- the end

    @Override
    void deliverSoon() {
        callbacks.deliverSoon();
    }

    @Override
    void endSoon() {
        callbacks.endSoon();
    }

    @Override
    boolean mayEndOnWatch() {
        return false;
    }

    @Override
    void watchSoon(long nanos) {
        if (nanos > 0) {
            sessions.registry.checkWithin(nanos);
        }
    }

    @Override
    void beatSoon(SessionActivity heartbeat) {
        sessions.registry.delivery().deliver(heartbeat);
    }

    @Override
    void continueReading() {
        reader.continueLater();
    }

    @Override
    boolean hasInput() {
        return reads;
    }

    @Override
    void shutdownChannelOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    void channelIsClosed() {
        writer.failLeftWrite();
    }

    @Override
    void ended() {
        sessions.registry.remove(this);
    }

    @Override
    Channel channel() {
        return channel;
    }

    @Override
    @Nullable
    SocketAddress peerAddress() throws IOException {
        return channel.getRemoteAddress();
    }

    private final class Connected implements CompletionHandler<@Nullable Void, @Nullable Void> {
        @Override
        public void completed(@Nullable Void result, @Nullable Void nothing) {
            openOrEnd();
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            end(cause);
        }
    }
}
