/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.internal.Checks;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ShutdownChannelGroupException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sessions over asynchronous sockets: each has at most one write pending, a gathering one, and the thread that is
 * notified of its completion starts the next.
 *
 * <pre>{@code
 * AsyncSessions sessions = AsyncSessions.builder().build();
 * sessions.listen(sessions.bind(address), connection -> new Player());
 * ...
 * sessions.close();                                      // closes all, within the close timeout
 * }</pre>
 *
 * <p>The first write after a pause is made by the thread that sends, the others by the threads of the channels' group.
 * Callbacks are made by those and by a few threads of this object's own, one at a time for each session, never within a
 * call into this library.
 *
 * <p>The JDK loses events where it meets an {@link OutOfMemoryError}: on the threads that wait for them, which do not
 * survive it, and on those that call completion handlers. When one of them has died, all ends in order: each session
 * with that cause, the ports are closed, the error handler is called, and later calls are refused with the cause.
 *
 * <p>Safe for use by any number of threads.
 */
public final class AsyncSessions implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** When the end of all is tried again that failed, for want of memory for instance. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long IDLE_SECONDS = 60;

    /** Made beforehand: there may be no memory when it is needed. */
    private final IOException lostEvents = new LostEventsException();

    final SessionSettings settings;
    final SessionRegistry registry;

    private final ExecutorService executor;
    private final AsynchronousChannelGroup group;
    private final ListeningSockets<AsynchronousServerSocketChannel> servers;
    private final End end = new End();

    private AsyncSessions(Builder builder) throws IOException {
        this.settings = builder.settings().withShortWrites();
        String name = "async-sessions-" + NUMBER.incrementAndGet();
        Threads made = new Threads(name);
        this.executor = made;
        this.registry = new SessionRegistry(settings, name, "these sessions", builder.delivery);
        this.servers = new ListeningSockets<>(registry, settings);
        try {
            this.group = GroupThreads.open(
                    name, executor, builder.threads, settings.resources(), this::die, this::waitingEnded);
            made.opened = true;
        } catch (Throwable e) {
            registry.close(executor::shutdown);
            throw e;
        }
    }

    /** Starts sessions with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes a session of a connected channel, of this or any other group. The session can be sent to at once; its first
     * callback comes from another thread.
     *
     * @throws IllegalArgumentException if the channel is not connected
     * @throws IllegalStateException if these sessions are closed
     * @throws IOException if the channel is closed
     */
    public Session add(AsynchronousSocketChannel channel, SessionListener listener) throws IOException {
        registry.requireOpen();
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        Sockets.requireConnected(channel.getRemoteAddress() != null);
        Sockets.configure(channel, settings);
        AsyncSession session = new AsyncSession(this, channel, listener);
        registry.add(session);
        try {
            executor.execute(session::openOrEnd);
        } catch (Throwable e) {
            session.end(e); // closed meanwhile, or no more threads
        }
        return session;
    }

    /**
     * Connects to a server. The session can be sent to at once: what is queued waits for the connection. If there is
     * none within {@link Builder#connectTimeout}, or it is refused, the session ends with that cause, without an
     * {@code onOpened}.
     *
     * @param server an internet address; {@code TCP_NODELAY} is set
     * @throws IllegalArgumentException if the address is unresolved
     * @throws IllegalStateException if these sessions are closed
     * @throws IOException if no socket can be opened
     */
    public Session connect(SocketAddress server, SessionListener listener) throws IOException {
        registry.requireOpen();
        Sockets.requireResolved(server);
        AsynchronousSocketChannel channel = openChannel();
        AsyncSession session;
        try {
            Sockets.configure(channel, settings);
            session = new AsyncSession(this, channel, listener);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
        registry.add(session);
        session.connect(server);
        return session;
    }

    private AsynchronousServerSocketChannel openServer() throws IOException {
        try {
            return AsynchronousServerSocketChannel.open(group);
        } catch (ShutdownChannelGroupException e) {
            registry.requireOpen(); // says why
            throw e;
        }
    }

    private AsynchronousSocketChannel openChannel() throws IOException {
        try {
            return settings.resources().openSocket(group);
        } catch (ShutdownChannelGroupException e) {
            registry.requireOpen(); // says why
            throw e;
        }
    }

    private Session unconnected(SessionListener listener) throws IOException {
        return new AsyncSession(this, openChannel(), listener);
    }

    /** Opens a server socket that {@link #listen} can be given, with the JDK's usual backlog. */
    public AsynchronousServerSocketChannel bind(SocketAddress address) throws IOException {
        return bind(address, 0);
    }

    /**
     * Opens a server socket that {@link #listen} can be given.
     *
     * @param backlog how many connections may wait to be accepted; 0 for the JDK's usual 50
     */
    public AsynchronousServerSocketChannel bind(SocketAddress address, int backlog) throws IOException {
        registry.requireOpen();
        AsynchronousServerSocketChannel server = openServer();
        try {
            return server.bind(address, backlog);
        } catch (Throwable e) {
            server.close();
            throw e;
        }
    }

    /**
     * Accepts connections, with {@code TCP_NODELAY} set.
     *
     * @param server bound; is closed with these sessions. Close it earlier to accept no more
     * @param listeners makes the listener of each connection, or refuses it; called on a thread that makes completions
     * @throws IllegalArgumentException if the socket is not bound
     * @throws IllegalStateException if these sessions are closed, or listen on that socket already
     * @throws IOException if the socket is closed
     */
    public void listen(
            AsynchronousServerSocketChannel server,
            SessionListener.Factory<? super AsynchronousSocketChannel> listeners)
            throws IOException {
        registry.requireOpen();
        Sockets.requireBound(server);
        servers.add(server);
        new AsyncAcceptor(this, servers, server, listeners).start();
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
        registry.close(group::shutdown); // which ends with the last completion
    }

    /**
     * A thread that waits for events or calls completion handlers has died, and with it, perhaps, what it knew: all end
     * in order, with its cause, as operations that are pending may stay so. Needs no memory.
     */
    private void die(Throwable cause) {
        registry.die(cause, end);
    }

    /** What waits for events has ended. If no close has asked for it, something else has: the JDK knows what. */
    private void waitingEnded() {
        if (!registry.isClosed()) {
            die(lostEvents);
        }
    }

    /** Carries out the end of all. */
    private final class End extends Delivery.Task {
        @Override
        void run() {
            try {
                servers.closeAll();
                registry.endAll(group::shutdown);
            } catch (Throwable e) { // no memory: later may be better
                registry.deliverLater(this, PAUSE_NANOS);
                settings.report(e);
            }
        }
    }

    private static final class LostEventsException extends IOException {
        private static final long serialVersionUID = 1;

        LostEventsException() {
            super("the JDK's threads that waited for events have ended, for want of memory for instance;"
                    + " what ended them was printed where the JVM prints the errors of threads");
        }

        /** Where it was made says nothing. */
        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    /** Waits for events on one of our own threads, as the JDK asks for when the channels' group is opened. */
    private final class Waiting implements Runnable {
        private final Runnable task;

        Waiting(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            task.run();
            waitingEnded();
        }
    }

    /** Makes completions. Where no thread can be had for one, a delivery makes it: none is lost. */
    private final class Threads extends ThreadPoolExecutor {
        /** From here on a task is a completion. */
        volatile boolean opened;

        Threads(String name) {
            super(
                    0,
                    Integer.MAX_VALUE,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    settings.resources().threads(name));
        }

        @Override
        public void execute(Runnable task) {
            try {
                super.execute(opened ? task : new Waiting(task));
            } catch (RejectedExecutionException e) {
                throw e; // all is closed
            } catch (Throwable e) { // no more threads
                registry.delivery().deliver(new Delivery.Task() {
                    @Override
                    void run() {
                        runOrDie(task);
                    }
                });
                registry.reportSoon(e);
            }
        }

        private void runOrDie(Runnable task) {
            try {
                task.run();
            } catch (Throwable e) {
                afterExecute(task, e);
            }
        }

        /**
         * The JDK's part of a task needs memory before it calls the completion handler: without it, what had completed
         * is lost.
         */
        @Override
        protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
            if (thrown != null && !registry.isClosed()) {
                die(thrown);
            }
        }
    }

    void execute(Runnable task) {
        executor.execute(task);
    }

    /**
     * The settings of asynchronous sessions, each checked when it is set. Not safe for use by several threads. Where
     * callbacks run, under which locks, and what they may call: see {@link SessionListener}.
     */
    public static final class Builder extends SessionBuilder<Builder> {
        private static final int RECEIVE_BUFFER_SIZE = 8 << 10;
        private static final int SEND_BUFFER_SIZE = 64 << 10;

        private int threads = Runtime.getRuntime().availableProcessors();

        private Builder() {
            super(RECEIVE_BUFFER_SIZE, SEND_BUFFER_SIZE);
        }

        @Override
        Builder self() {
            return this;
        }

        /** How many threads wait for completions, 1 to 1,024; more come when all are busy. Default: one a processor. */
        public Builder threads(int count) {
            Checks.inRange("threads", count, 1, 1024);
            this.threads = count;
            return this;
        }

        /**
         * Builds the sessions, with a channel group of their own.
         *
         * @throws IOException if the group cannot be opened
         */
        public AsyncSessions build() throws IOException {
            AsyncSessions sessions = new AsyncSessions(this);
            try {
                Preloading.ofEnd(AsyncSession.class, sessions::unconnected);
                return sessions;
            } catch (Throwable e) {
                sessions.close();
                throw e;
            }
        }
    }
}
