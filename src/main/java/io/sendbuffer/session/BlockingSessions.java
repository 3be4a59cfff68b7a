package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
 * sessions.close();                                      // closes all, within the close time-out
 * }</pre>
 *
 * <p>Which thread writes is a matter of the {@link WriteMode}. {@link WriteMode#INLINE}: the sender, which waits for
 * the channel, and for what others send meanwhile; right for files, and where a receiver is never slow.
 * {@link WriteMode#LOOP}: a thread of the session's own, best a virtual one; senders never wait. A channel that is read
 * has a thread that reads. Callbacks come on that, one at a time for each session; where nothing is read,
 * {@code onOpened} comes on the thread that adds. {@code onClosed} comes on the thread that ended the session, or, if a
 * callback runs at that moment, on that one's.
 *
 * <p><b>Interrupts.</b> A sender that is interrupted while its write waits has its channel closed by the JDK: the
 * session ends with a {@link java.nio.channels.ClosedByInterruptException}, every reference is given back, and the
 * thread stays interrupted. A sender that was interrupted before writes all the same. With {@link WriteMode#LOOP}
 * nothing happens to an interrupted sender at all.
 *
 * <p>Safe for use by any number of threads.
 */
public final class BlockingSessions implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Out of file descriptors, for instance: trying again at once would fail at once, in a busy loop. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    final SessionSettings settings;
    final SessionRegistry registry;

    private final ThreadFactory threads;
    private final WriteMode writeMode;
    private final Set<ServerSocketChannel> servers = ConcurrentHashMap.newKeySet();

    private BlockingSessions(Builder builder) {
        String name = "blocking-sessions-" + NUMBER.incrementAndGet();
        this.settings = builder.settings();
        this.writeMode = builder.writeMode;
        this.threads = builder.threads != null ? builder.threads : DaemonThreads.named(name);
        this.registry = new SessionRegistry(settings, name, "these sessions");
    }

    /** Starts sessions with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes a session of a channel that is only written to: a file, the sink of a pipe, a socket that somebody else
     * reads.
     *
     * @param channel in blocking mode, and connected if it is a socket; belongs to the session from now on. Its close
     *     must not wait for the peer, as TLS may do for room to say goodbye: whoever ends a session waits for it then
     * @throws IllegalArgumentException if the channel is not in blocking mode, or not connected
     * @throws IllegalStateException if these sessions are closed
     * @throws IOException if the channel is closed
     */
    public Session addOutput(GatheringByteChannel channel, SessionListener listener) throws IOException {
        return open(channel, null, listener);
    }

    /**
     * Makes a session of a channel that is written to and read: a socket, or TLS over one. Otherwise as
     * {@link #addOutput}.
     *
     * @param <C> the kind of channel
     */
    public <C extends GatheringByteChannel & ReadableByteChannel> Session add(C channel, SessionListener listener)
            throws IOException {
        return open(channel, channel, listener);
    }

    private Session open(GatheringByteChannel channel, @Nullable ReadableByteChannel input, SessionListener listener)
            throws IOException {
        registry.requireOpen();
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalArgumentException(
                    "the channel is not in blocking mode; configure it so, or put it on a SendLoop");
        }
        if (channel instanceof SocketChannel socket && !socket.isConnected()) {
            throw new IllegalArgumentException("the channel is not connected; connect it before adding it");
        }
        BlockingSession session =
                new BlockingSession(this, channel, listener, writeMode == WriteMode.LOOP ? threads : null);
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
        SocketChannel channel = Sockets.openFor(server);
        try {
            if (server instanceof InetSocketAddress) {
                channel.socket().connect(server, (int)
                        Math.min(Integer.MAX_VALUE, settings.connectTimeout().toMillis()));
            } else {
                channel.connect(server);
            }
            Sockets.sendAtOnce(channel);
            return add(channel, listener);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Accepts connections on a thread of its own, with {@code TCP_NODELAY} set where there is such a thing.
     *
     * @param server bound, in blocking mode; is closed with these sessions. Close it earlier to accept no more
     * @param listeners makes the listener of each connection, or refuses it
     * @throws IllegalArgumentException if the socket is not bound, or not in blocking mode
     * @throws IllegalStateException if these sessions are closed
     * @throws IOException if the socket is closed
     */
    public void listen(ServerSocketChannel server, SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        registry.requireOpen();
        if (server.getLocalAddress() == null) {
            throw new IllegalArgumentException("the server socket is not bound; bind it before listening");
        }
        if (!server.isBlocking()) {
            throw new IllegalArgumentException("the server socket is not in blocking mode; configure it so");
        }
        servers.add(server);
        if (registry.isClosed()) {
            closeServers();
            registry.requireOpen();
        }
        threads.newThread(() -> accept(server, listeners)).start();
    }

    private void accept(ServerSocketChannel server, SessionListener.Factory<? super SocketChannel> listeners) {
        while (server.isOpen()) {
            try {
                open(server.accept(), listeners);
            } catch (ClosedChannelException e) {
                break; // its owner closed it: no more connections are wanted
            } catch (IOException e) {
                settings.report(e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        servers.remove(server);
    }

    private void open(SocketChannel channel, SessionListener.Factory<? super SocketChannel> listeners) {
        try {
            Sockets.sendAtOnce(channel);
            SessionListener listener = listeners.listenerFor(channel);
            if (listener == null) {
                channel.close();
            } else {
                add(channel, listener);
            }
        } catch (Throwable e) { // no more threads, for instance: the next one may fare better
            settings.report(e);
            Sockets.closeAndReport(channel, settings);
        }
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
    }

    /** Runs something that may wait. */
    void execute(Runnable task) {
        threads.newThread(task).start();
    }

    private void closeServers() {
        for (ServerSocketChannel server : servers) {
            Sockets.closeAndReport(server, settings);
        }
        servers.clear();
    }

    /** The settings of blocking sessions, each checked when it is set. Not safe for use by several threads. */
    public static final class Builder extends SessionBuilder<Builder> {
        private static final int RECEIVE_BUFFER_SIZE = 8 << 10;

        private WriteMode writeMode = WriteMode.INLINE;
        private @Nullable ThreadFactory threads;

        private Builder() {
            super(RECEIVE_BUFFER_SIZE);
        }

        @Override
        Builder self() {
            return this;
        }

        /** Which thread writes. Default: {@link WriteMode#INLINE}. */
        public Builder writeMode(WriteMode mode) {
            this.writeMode = Objects.requireNonNull(mode, "writeMode");
            return this;
        }

        /**
         * Who makes the threads that read, accept, and write where senders do not. Default: daemon platform threads.
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
            return threads(VirtualThreadFactory.create());
        }

        /** Builds the sessions. */
        public BlockingSessions build() {
            return new BlockingSessions(this);
        }
    }
}
