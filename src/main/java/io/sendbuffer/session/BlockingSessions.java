/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.internal.VirtualThreads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sessions over channels whose writes wait: TCP, Unix-domain sockets, TLS, pipes, files, any blocking
 * {@link GatheringByteChannel}.
 *
 * <pre>{@code
 * BlockingSessions sessions = BlockingSessions.builder()
 *         .virtualThreads()                              // JDK 21 and later
 *         .writeMode(WriteMode.LOOP)                     // a writer for each session
 *         .build();
 * sessions.listen(server, connection -> new Player());
 * ...
 * sessions.close();                                      // closes all, within the close timeout
 * }</pre>
 *
 * <p>Which thread writes is a matter of the {@link WriteMode}. {@link WriteMode#INLINE}: the sender, which waits for
 * the channel, and for what others send meanwhile; right for files, and where a receiver is never slow.
 * {@link WriteMode#LOOP}: a thread of the session's own, best a virtual one; senders never wait. A channel that is read
 * has a thread that reads. Callbacks are made by that one and by a few threads of this object's own, one at a time for
 * each session, never within a call into this library.
 *
 * <p><b>Interrupts.</b> A sender that is interrupted while its write waits has its channel closed by the JDK: the
 * session ends with a {@link java.nio.channels.ClosedByInterruptException}, every reference is released, and the thread
 * stays interrupted. A sender that was interrupted before writes all the same. With {@link WriteMode#LOOP} nothing
 * happens to an interrupted sender at all.
 *
 * <p>Safe for use by any number of threads.
 */
public final class BlockingSessions implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static final long BACKLOG_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    final SessionSettings settings;
    final SessionRegistry registry;

    private final ThreadFactory threads;
    private final WriteMode writeMode;
    private final ListeningSockets<ServerSocketChannel> servers;

    private BlockingSessions(Builder builder) {
        String name = "blocking-sessions-" + NUMBER.incrementAndGet();
        this.settings = builder.settings().withShortWrites();
        this.writeMode = builder.writeMode;
        this.threads =
                builder.threads != null ? builder.threads : settings.resources().threads(name);
        this.registry = new SessionRegistry(settings, name, "these sessions", builder.delivery);
        this.servers = new ListeningSockets<>(registry, settings);
    }

    /** Starts sessions with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes a session of a channel that is only written to: a file, the sink of a pipe, a socket that other code reads.
     *
     * @param channel in blocking mode, and connected if it is a socket; belongs to the session from now on. Its close
     *     must not wait for the peer, as TLS may do for room to say goodbye: the thread that ends a session waits for
     *     it then
     * @throws IllegalArgumentException if the channel is not in blocking mode, or not connected
     * @throws IllegalStateException if these sessions are closed
     * @throws IOException if the channel is closed
     */
    public Session addOutput(GatheringByteChannel channel, SessionListener listener) throws IOException {
        return open(channel, null, socketOf(channel), listener);
    }

    /**
     * Makes a session of a channel that is written to and read: a socket, or another one that knows no socket below it.
     * Otherwise as {@link #addOutput}.
     *
     * @param <C> the kind of channel
     */
    public <C extends GatheringByteChannel & ReadableByteChannel> Session add(C channel, SessionListener listener)
            throws IOException {
        return open(channel, channel, socketOf(channel), listener);
    }

    /**
     * Makes a session of a channel that lies over a socket: TLS, compression. The socket is configured as those of
     * other sessions are, with {@code TCP_NODELAY} and {@link Builder#sendBufferSize}, and names the peer, so that
     * {@link Session#remoteAddress()} knows it. All bytes go through the channel, whose close closes the socket.
     * Otherwise as {@link #add(GatheringByteChannel, SessionListener)}.
     *
     * <p>The session ends such a channel by its close, in one step: a peer that is still sending may get a reset before
     * it has read what was written last.
     *
     * @param socket in blocking mode, and connected
     * @param <C> the kind of channel
     */
    public <C extends GatheringByteChannel & ReadableByteChannel> Session add(
            C channel, SocketChannel socket, SessionListener listener) throws IOException {
        return open(channel, channel, Objects.requireNonNull(socket, "socket"), listener);
    }

    private static @Nullable SocketChannel socketOf(GatheringByteChannel channel) {
        return channel instanceof SocketChannel socket ? socket : null;
    }

    private Session open(
            GatheringByteChannel channel,
            @Nullable ReadableByteChannel input,
            @Nullable SocketChannel socket,
            SessionListener listener)
            throws IOException {
        registry.requireOpen();
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        if (channel instanceof DatagramChannel) { // first: in no mode is it taken
            throw new IllegalArgumentException("a datagram channel carries no byte stream: messages that leave in one"
                    + " write would arrive as one datagram; send datagrams one by one");
        }
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalArgumentException(
                    "the channel is not in blocking mode; configure it so, or put it on a SendLoop");
        }
        if (socket != null) {
            if (!socket.isBlocking()) {
                throw new IllegalArgumentException(
                        "the socket below the channel is not in blocking mode; configure it so");
            }
            if (!socket.isConnected()) {
                throw new IllegalArgumentException("the channel is not connected; connect it before adding it");
            }
            Sockets.configure(socket, settings);
        }
        BlockingSession session =
                new BlockingSession(this, channel, listener, writeMode == WriteMode.LOOP ? threads : null);
        if (socket != null && socket != channel) {
            session.peerIs(socket.getRemoteAddress()); // which the channel over it does not know
        }
        registry.add(session);
        try {
            session.open(input, threads);
        } catch (Throwable e) {
            session.end(e); // no more threads
            throw e;
        }
        return session;
    }

    /**
     * Connects to a server, and waits for that.
     *
     * @param server an internet or Unix-domain address; {@code TCP_NODELAY} is set where there is such a thing
     * @throws IllegalArgumentException if the address is unresolved
     * @throws IllegalStateException if these sessions are closed
     * @throws IOException if there is no connection, for instance within {@link Builder#connectTimeout}
     */
    public Session connect(SocketAddress server, SessionListener listener) throws IOException {
        registry.requireOpen();
        SocketChannel channel = connectedTo(server);
        try {
            return add(channel, listener);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private SocketChannel connectedTo(SocketAddress server) throws IOException {
        long start = System.nanoTime();
        while (true) {
            SocketChannel channel = settings.resources().openSocket(server);
            try {
                connect(channel, server);
                return channel;
            } catch (IOException e) {
                channel.close();
                if (!Sockets.isBacklogFull(server, e)) {
                    throw e;
                }
                pauseOrTimeOut(System.nanoTime() - start, e);
            } catch (Throwable e) {
                channel.close();
                throw e;
            }
        }
    }

    private void connect(SocketChannel channel, SocketAddress server) throws IOException {
        if (server instanceof InetSocketAddress) {
            channel.socket().connect(server, ceilToMillis(settings.connectTimeout()));
        } else { // the system would wait for room in the backlog without an end
            channel.configureBlocking(false);
            channel.connect(server);
            channel.configureBlocking(true);
        }
    }

    private static int ceilToMillis(Duration timeout) {
        return (int) Math.min(Integer.MAX_VALUE, timeout.plusNanos(999_999).toMillis());
    }

    private void pauseOrTimeOut(long nanosSinceStart, IOException backlogFull) throws IOException {
        long timeoutNanos = settings.connectTimeout().toNanos();
        if (registry.isClosed() || (timeoutNanos != 0 && nanosSinceStart >= timeoutNanos)) {
            IOException late = SessionTimeouts.connectedLate(settings.connectTimeout());
            late.initCause(backlogFull);
            throw late;
        }
        LockSupport.parkNanos(BACKLOG_PAUSE_NANOS);
        if (Thread.interrupted()) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
    }

    /**
     * Accepts connections on a thread of its own, with {@code TCP_NODELAY} set where there is such a thing.
     *
     * @param server bound, in blocking mode; is closed with these sessions. Close it earlier to accept no more
     * @param listeners makes the listener of each connection, or refuses it; called on the thread that accepts
     * @throws IllegalArgumentException if the socket is not bound, or not in blocking mode
     * @throws IllegalStateException if these sessions are closed, or listen on that socket already
     * @throws IOException if the socket is closed
     */
    public void listen(ServerSocketChannel server, SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        registry.requireOpen();
        Sockets.requireBound(server);
        if (!server.isBlocking()) {
            throw new IllegalArgumentException("the server socket is not in blocking mode; configure it so");
        }
        servers.add(server);
        try {
            newThread(threads, new BlockingAcceptor(this, servers, server, listeners))
                    .start();
        } catch (Throwable e) { // no more threads
            servers.remove(server);
            throw e;
        }
    }

    /**
     * Before a call that an interrupt would cut short, on a thread that runs the user's code: one that was left behind
     * is of no meaning to that call, whose channel the JDK would close.
     */
    void takeInterruptBack(String by, String call) {
        if (Thread.interrupted()) {
            settings.report(new IllegalStateException(by + " left its thread interrupted, which would fail the next "
                    + call + "; the interrupt was taken back"));
            Thread.interrupted(); // left by the handler
        }
    }

    /** How many sessions there are. */
    public int sessionCount() {
        return registry.size();
    }

    /**
     * Closes the listening sockets, and every session as {@link Session#close()} does; waits for that as long as the
     * {@link Builder#closeTimeout}, then aborts those that are left. An interrupt cuts the time short. From within a
     * callback of any session, on the thread of any loop, and from within a release listener or error handler that a
     * write or an end calls, it asks for the end and returns.
     *
     * <p>A write that was stuck in the kernel ends a moment later, and then gives back what it wrote: until then a pool
     * that is closed at once reports a few buffers as outstanding.
     */
    @Override
    public void close() {
        registry.requestClose();
        servers.closeAll();
        registry.close(() -> {});
    }

    /** Writes what is queued, on a thread that may wait for the peer. Never throws. */
    void writeOnOwnThread(BlockingSession session) {
        try {
            newThread(threads, session::write).start();
        } catch (Throwable e) { // no more threads: a delivery waits as well
            registry.delivery().deliver(new Delivery.Task() {
                @Override
                void run() {
                    session.write();
                }
            });
        }
    }

    static Thread newThread(ThreadFactory factory, Runnable task) {
        Thread thread = factory.newThread(task);
        if (thread == null) {
            throw new IllegalStateException("the thread factory returned null; it has to make a thread for each task");
        }
        return thread;
    }

    /**
     * The settings of blocking sessions, each checked when it is set. Not safe for use by several threads. Where
     * callbacks run, under which locks, and what they may call: see {@link SessionListener}.
     */
    public static final class Builder extends SessionBuilder<Builder> {
        private static final int RECEIVE_BUFFER_SIZE = 8 << 10;
        private static final int SEND_BUFFER_SIZE = 64 << 10;

        private WriteMode writeMode = WriteMode.LOOP;
        private @Nullable ThreadFactory threads;

        private Builder() {
            super(RECEIVE_BUFFER_SIZE, SEND_BUFFER_SIZE);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Which thread writes. Default: {@link WriteMode#LOOP}, a thread of each session's own, so that no sender waits
         * for a peer that does not read.
         */
        public Builder writeMode(WriteMode mode) {
            this.writeMode = Objects.requireNonNull(mode, "writeMode");
            return this;
        }

        /**
         * Makes the threads that read, accept, and write where senders do not. Called by the thread that adds, connects
         * or listens, and by the one that accepts, under no lock; may call anything. If it throws or returns null, that
         * one session or listening socket is refused. With {@link WriteMode#INLINE} also called by a thread that closes
         * a session which has a backlog, under the locks which that thread holds; where it throws then, one of the
         * threads that make callbacks writes the backlog. Default: daemon platform threads.
         */
        public Builder threads(ThreadFactory factory) {
            this.threads = Objects.requireNonNull(factory, "threads");
            return this;
        }

        /**
         * Has virtual threads read, accept and write.
         *
         * @throws UnsupportedOperationException before JDK 21, which has none
         */
        public Builder virtualThreads() {
            return threads(VirtualThreads.newFactory());
        }

        /** Builds the sessions. */
        public BlockingSessions build() {
            BlockingSessions sessions = new BlockingSessions(this);
            try {
                Preloading.ofEnd(
                        BlockingSession.class,
                        listener -> new BlockingSession(sessions, new Preloading.NoChannel(), listener, null));
                return sessions;
            } catch (Throwable e) {
                sessions.close();
                throw e;
            }
        }
    }
}
