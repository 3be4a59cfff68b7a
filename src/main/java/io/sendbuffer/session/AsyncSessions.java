package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sessions over asynchronous sockets: each has at most one write pending, a gathering one, and the thread that is told
 * of its completion starts the next.
 *
 * <pre>{@code
 * AsyncSessions sessions = AsyncSessions.builder().build();
 * sessions.listen(sessions.bind(address), connection -> new Player());
 * ...
 * sessions.close();                                      // closes all, within the close time-out
 * }</pre>
 *
 * <p>The first write after a pause is made by the thread that sends, the others by the threads of the channels' group.
 * Callbacks come on those, one at a time for each session; {@code onClosed} comes on the thread that ended the session,
 * or, if a callback runs at that moment, on that one's.
 *
 * <p>Safe for use by any number of threads.
 */
public final class AsyncSessions implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Out of file descriptors, for instance: trying again at once would fail at once, in a busy loop. */
    private static final long PAUSE_MILLIS = 100;

    final SessionSettings settings;
    final SessionRegistry registry;

    private final ExecutorService executor;
    private final AsynchronousChannelGroup group;
    private final Set<AsynchronousServerSocketChannel> servers = ConcurrentHashMap.newKeySet();

    private AsyncSessions(Builder builder) throws IOException {
        this.settings = builder.settings();
        String name = "async-sessions-" + NUMBER.incrementAndGet();
        this.executor = Executors.newCachedThreadPool(DaemonThreads.named(name));
        this.group = AsynchronousChannelGroup.withCachedThreadPool(executor, builder.threads);
        this.registry = new SessionRegistry(settings, name, "these sessions");
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
        if (channel.getRemoteAddress() == null) {
            throw new IllegalArgumentException("the channel is not connected; finish connecting before adding it");
        }
        AsyncSession session = new AsyncSession(this, channel, listener);
        registry.add(session);
        try {
            executor.execute(session::open);
        } catch (RuntimeException e) {
            session.end(e); // closed meanwhile
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
        AsynchronousSocketChannel channel = AsynchronousSocketChannel.open(group);
        AsyncSession session;
        try {
            Sockets.sendAtOnce(channel);
            session = new AsyncSession(this, channel, listener);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
        registry.add(session);
        session.connect(server);
        return session;
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
        AsynchronousServerSocketChannel server = AsynchronousServerSocketChannel.open(group);
        try {
            return server.bind(address, backlog);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /**
     * Accepts connections, with {@code TCP_NODELAY} set.
     *
     * @param server bound; is closed with these sessions. Close it earlier to accept no more
     * @param listeners makes the listener of each connection, or refuses it
     * @throws IllegalArgumentException if the socket is not bound
     * @throws IllegalStateException if these sessions are closed
     * @throws IOException if the socket is closed
     */
    public void listen(
            AsynchronousServerSocketChannel server,
            SessionListener.Factory<? super AsynchronousSocketChannel> listeners)
            throws IOException {
        registry.requireOpen();
        if (server.getLocalAddress() == null) {
            throw new IllegalArgumentException("the server socket is not bound; bind it before listening");
        }
        servers.add(server);
        if (registry.isClosed()) {
            closeServers();
            registry.requireOpen();
        }
        new Accepting(server, listeners).accept();
    }

    /** How many sessions there are. */
    public int sessionCount() {
        return registry.size();
    }

    /**
     * Closes the listening sockets, and every session as {@link Session#close()} does; waits for that as long as the
     * {@link Builder#closeTimeout}, then aborts who is left. Not from within a callback, which it would wait for. An
     * interrupt cuts the time short.
     */
    @Override
    public void close() {
        registry.requestClose();
        closeServers();
        registry.close();
        group.shutdown(); // ends with the last completion
    }

    void execute(Runnable task) {
        executor.execute(task);
    }

    private void closeServers() {
        for (AsynchronousServerSocketChannel server : servers) {
            closeServer(server);
        }
    }

    private void closeServer(AsynchronousServerSocketChannel server) {
        servers.remove(server);
        Sockets.closeAndReport(server, settings);
    }

    /** A listening socket: each connection that it accepts becomes a session, or is closed. */
    private final class Accepting implements CompletionHandler<AsynchronousSocketChannel, @Nullable Void> {
        private final AsynchronousServerSocketChannel server;
        private final SessionListener.Factory<? super AsynchronousSocketChannel> listeners;

        Accepting(
                AsynchronousServerSocketChannel server,
                SessionListener.Factory<? super AsynchronousSocketChannel> listeners) {
            this.server = server;
            this.listeners = listeners;
        }

        void accept() {
            try {
                server.accept(null, this);
            } catch (RuntimeException e) {
                settings.report(e); // its group was shut down, or somebody else accepts on it
                closeServer(server);
            }
        }

        @Override
        public void completed(AsynchronousSocketChannel channel, @Nullable Void nothing) {
            try {
                open(channel);
            } finally {
                accept();
            }
        }

        @Override
        public void failed(Throwable cause, @Nullable Void nothing) {
            if (cause instanceof ClosedChannelException || !server.isOpen()) {
                servers.remove(server); // its owner closed it: no more connections are wanted
                return;
            }
            settings.report(cause);
            registry.later(this::accept, PAUSE_MILLIS);
        }

        private void open(AsynchronousSocketChannel channel) {
            try {
                Sockets.sendAtOnce(channel);
                SessionListener listener = listeners.listenerFor(channel);
                if (listener == null) {
                    channel.close();
                } else {
                    add(channel, listener);
                }
            } catch (Throwable e) { // out of memory for a session, for instance: the next one may fare better
                settings.report(e);
                Sockets.closeAndReport(channel, settings);
            }
        }
    }

    /** The settings of asynchronous sessions, each checked when it is set. Not safe for use by several threads. */
    public static final class Builder extends SessionBuilder<Builder> {
        private static final int RECEIVE_BUFFER_SIZE = 8 << 10;

        private int threads = Runtime.getRuntime().availableProcessors();

        private Builder() {
            super(RECEIVE_BUFFER_SIZE);
        }

        @Override
        Builder self() {
            return this;
        }

        /** How many threads wait for completions, 1 to 1,024; more come when all are busy. Default: one a processor. */
        public Builder threads(int count) {
            if (count < 1 || count > 1024) {
                throw new IllegalArgumentException("threads must be between 1 and 1,024, was " + count);
            }
            this.threads = count;
            return this;
        }

        /**
         * Builds the sessions, with a channel group of their own.
         *
         * @throws IOException if the group cannot be opened
         */
        public AsyncSessions build() throws IOException {
            return new AsyncSessions(this);
        }
    }
}
