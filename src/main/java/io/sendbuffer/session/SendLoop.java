package io.sendbuffer.session;

import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.jspecify.annotations.Nullable;

/**
 * A selector loop that reads from, writes to and accepts sessions. It has no thread of its own: an Agrona
 * {@link AgentRunner} or {@code AgentInvoker} runs its duty cycle.
 *
 * <pre>{@code
 * SendLoop loop = SendLoop.builder().build();
 * loop.listen(server, channel -> new Player());          // a listener for each connection
 * AgentRunner runner = loop.start();                     // a thread of its own; runner.close() ends it all
 * }</pre>
 *
 * <p>With nothing to do, the duty cycle waits in the selector for up to {@link Builder#maxSelectTime}, and a sender
 * that needs the loop wakes it; while the loop is awake nobody makes that system call. Set it to zero for a duty cycle
 * that never blocks, as an {@code AgentInvoker} or a busy-spinning idle strategy wants it.
 *
 * <p>{@link #add} and {@link #listen} may be called by any thread; the methods of {@link Agent} are its runner's.
 */
public final class SendLoop implements Agent {
    private static final VarHandle ASLEEP = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "asleep", VarHandle.class, SendLoop.class, boolean.class);

    private static final long CLOSING_SELECT_MILLIS = 10;

    private final Selector selector;
    private final SessionSettings settings;
    private final WriteMode writeMode;
    private final long maxSelectMillis;
    private final String roleName;
    private final AtomicInteger sessionCount = new AtomicInteger();
    private final PendingSessions pendingSessions = new PendingSessions();
    private final Queue<Acceptor> newAcceptors = new ConcurrentLinkedQueue<>();

    // Owned by the thread that runs the loop.
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final LoopSessions sessions = new LoopSessions();
    private final ByteBuffer receiveBuffer;
    private final Consumer<SelectionKey> onReady = this::onReady;

    @SuppressWarnings("unused")
    private boolean asleep;

    /** Nothing new is taken. */
    private volatile boolean closing;

    /** The loop runs no more. */
    private volatile boolean closed;

    /** With a selector and a buffer to receive into that are given: race tests make thousands of loops. */
    SendLoop(Builder settings, String roleName, Selector selector, ByteBuffer receiveBuffer) {
        this.settings = settings.settings();
        this.writeMode = settings.writeMode;
        this.maxSelectMillis = settings.maxSelectTime.toMillis();
        this.roleName = roleName;
        this.receiveBuffer = receiveBuffer;
        this.selector = selector;
    }

    /** Starts a loop with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Puts a connected channel on this loop. The session can be sent to at once; its first callback comes from the
     * loop.
     *
     * @param channel connected; becomes non-blocking, and belongs to the session from now on
     * @throws IllegalArgumentException if the channel is not connected
     * @throws IllegalStateException if the loop is closed
     * @throws IOException if the channel cannot be made non-blocking, for instance because it is closed
     */
    public Session add(SocketChannel channel, SessionListener listener) throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        if (!channel.isConnected()) {
            throw new IllegalArgumentException("the channel is not connected; finish connecting before adding it");
        }
        requireOpen();
        channel.configureBlocking(false);
        return attendToNew(newSession(channel, listener, null));
    }

    /**
     * Connects to a server, on this loop. The session can be sent to at once: what is queued waits for the connection.
     * If there is none within {@link Builder#connectTimeout}, or it is refused, the session ends with that cause,
     * without an {@code onOpened}.
     *
     * @param server an internet or Unix-domain address; {@code TCP_NODELAY} is set where there is such a thing
     * @throws IllegalArgumentException if the address is unresolved
     * @throws IllegalStateException if the loop is closed
     * @throws IOException if no socket can be opened
     */
    public Session connect(SocketAddress server, SessionListener listener) throws IOException {
        requireOpen();
        SocketChannel channel = Sockets.openFor(server);
        try {
            channel.configureBlocking(false);
            Sockets.sendAtOnce(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return attendToNew(newSession(channel, listener, server));
    }

    /** Makes a session that the loop does not know of yet. */
    LoopSession newSession(SocketChannel channel, SessionListener listener, @Nullable SocketAddress connectTo) {
        return new LoopSession(this, settings, channel, listener, writeMode, connectTo);
    }

    private Session attendToNew(LoopSession session) {
        sessionCount.incrementAndGet();
        attendTo(session);
        return session;
    }

    /** How many sessions the loop has; any thread may ask. */
    public int sessionCount() {
        return sessionCount.get();
    }

    /**
     * Accepts connections on this loop, with {@code TCP_NODELAY} set.
     *
     * @param server bound; becomes non-blocking, and is closed with the loop. Close it earlier to accept no more; the
     *     system goes on accepting until the loop's next turn, which may take {@link Builder#maxSelectTime}
     * @param listeners makes the listener of each connection, or refuses it
     * @throws IllegalArgumentException if the socket is not bound
     * @throws IllegalStateException if the loop is closed
     * @throws IOException if the channel cannot be made non-blocking, for instance because it is closed
     */
    public void listen(ServerSocketChannel server, SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        listen(server, listeners, () -> this);
    }

    /** Accepts connections on this loop, and puts each on the loop that is its turn. */
    void listen(
            ServerSocketChannel server,
            SessionListener.Factory<? super SocketChannel> listeners,
            Supplier<SendLoop> loops)
            throws IOException {
        requireOpen();
        if (server.isOpen() && server.getLocalAddress() == null) {
            throw new IllegalArgumentException("the server socket is not bound; bind it before listening");
        }
        server.configureBlocking(false);
        newAcceptors.add(new Acceptor(this, server, listeners, loops));
        if (closed) {
            closeStragglingAcceptors();
            requireOpen();
        }
        wakeUpIfAsleep();
    }

    /**
     * Starts a daemon thread that runs this loop and sleeps in the selector when there is nothing to do.
     *
     * @return what ends the thread, the loop and its sessions, with its {@code close()}. With a close time-out of 5
     *     seconds or more give that some time of its own, since it interrupts a loop that takes longer
     */
    public AgentRunner start() {
        AgentRunner runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, settings.errorHandler(), null, this);
        AgentRunner.startOnThread(runner, task -> {
            Thread thread = new Thread(task, roleName);
            thread.setDaemon(true);
            return thread;
        });
        return runner;
    }

    // ---- the duty cycle

    @Override
    public int doWork() throws IOException {
        int count = admitAcceptors() + attendToPending() + select(maxSelectMillis);
        sessions.watch();
        return count;
    }

    private int select(long maxMillis) throws IOException {
        if (maxMillis == 0 || hasWork()) {
            return selector.selectNow(onReady);
        }
        setAsleepVolatile(true);
        try {
            // Look once more: who added work before it saw us asleep has not woken us.
            return hasWork() ? selector.selectNow(onReady) : selector.select(onReady, maxMillis);
        } finally {
            setAsleepVolatile(false);
        }
    }

    private boolean hasWork() {
        return !pendingSessions.isEmptyVolatile() || !newAcceptors.isEmpty();
    }

    private int attendToPending() {
        int count = 0;
        LoopSession session = pendingSessions.takeAll();
        while (session != null) {
            LoopSession next = session.nextPending;
            session.nextPending = null;
            session.attend(selector);
            session = next;
            count++;
        }
        return count;
    }

    private int admitAcceptors() {
        int count = 0;
        Acceptor acceptor;
        while ((acceptor = newAcceptors.poll()) != null) {
            acceptors.add(acceptor);
            acceptor.register(selector);
            count++;
        }
        for (int i = acceptors.size() - 1; i >= 0; i--) {
            if (acceptors.get(i).isOpen()) {
                acceptors.get(i).resumeIfDue();
            } else {
                acceptors.remove(i);
            }
        }
        return count;
    }

    private void onReady(SelectionKey key) {
        if (asleepPlain()) {
            setAsleepVolatile(false); // what a callback adds is found without a wake-up
        }
        if (key.attachment() instanceof LoopSession session) {
            session.onReady(receiveBuffer);
        } else if (key.attachment() instanceof Acceptor acceptor) {
            acceptor.onReady();
        }
    }

    /** The loop's own list, for its sessions on its thread. */
    LoopSessions sessions() {
        return sessions;
    }

    /**
     * Closes the listening sockets, and every session as {@link Session#close()} does: for as long as the
     * {@link Builder#closeTimeout} the loop goes on writing what is queued; then it aborts who is left. Called by the
     * runner, on the loop's thread. An interrupt cuts the time short.
     */
    @Override
    public void onClose() {
        closing = true;
        admitAcceptors();
        acceptors.forEach(Acceptor::close);
        acceptors.clear();
        try {
            closeSessions();
        } catch (IOException | RuntimeException e) {
            report(e);
        }
        sessions.forEach(Session::endLate);
        closed = true;
        closeStragglingAcceptors();
        endStragglers();
        try {
            selector.close();
        } catch (IOException e) {
            report(e);
        }
    }

    private void closeSessions() throws IOException {
        long start = System.nanoTime();
        long most = settings.closeTimeout().toNanos();
        attendToPending(); // whoever is new becomes known to the selector
        sessions.forEach(Session::close);
        attendToPending();
        while (sessionCount.get() > 0
                && System.nanoTime() - start < most
                && !Thread.currentThread().isInterrupted()) {
            select(CLOSING_SELECT_MILLIS);
            attendToPending();
            sessions.watch();
        }
    }

    @Override
    public String roleName() {
        return roleName;
    }

    // ---- for sessions and acceptors, any thread

    /** Sees to it that the loop attends to a session soon: registers it, flushes it, or tells its end. */
    void attendTo(LoopSession session) {
        if (session.casPending()) {
            pendingSessions.add(session);
            if (closed) {
                endStragglers();
            } else {
                wakeUpIfAsleep();
            }
        }
    }

    void report(Throwable error) {
        settings.report(error);
    }

    void closeAndReport(Channel channel) {
        Sockets.closeAndReport(channel, settings);
    }

    /** True from the moment that the loop closes: who comes now is closed with the others. */
    boolean isClosing() {
        return closing;
    }

    /** A session of this loop has ended. On the loop's thread, unless the loop runs no more. */
    void forget(LoopSession session) {
        sessionCount.decrementAndGet();
        if (!closed) {
            sessions.remove(session);
        }
    }

    /** Closes the listening sockets that came too late for a loop that no longer runs. */
    private void closeStragglingAcceptors() {
        Acceptor acceptor;
        while ((acceptor = newAcceptors.poll()) != null) {
            acceptor.close();
        }
    }

    /** Ends the sessions that came too late for a loop that no longer runs. */
    private void endStragglers() {
        LoopSession session = pendingSessions.takeAll();
        while (session != null) {
            LoopSession next = session.nextPending;
            session.nextPending = null;
            session.endAsStraggler();
            session = next;
        }
    }

    private void requireOpen() {
        if (closing) {
            throw new IllegalStateException("the loop is closed; use a running one");
        }
    }

    private void wakeUpIfAsleep() {
        if ((boolean) ASLEEP.getVolatile(this) && ASLEEP.compareAndSet(this, true, false)) {
            selector.wakeup();
        }
    }

    /** On the loop's thread, which alone sets it: at worst it is set again to what somebody else cleared it to. */
    private boolean asleepPlain() {
        return asleep;
    }

    private void setAsleepVolatile(boolean value) {
        ASLEEP.setVolatile(this, value);
    }

    /** The settings of a loop, each checked when it is set. Not safe for use by several threads. */
    public static final class Builder extends SessionBuilder<Builder> {
        private static final Duration MOST_SELECT_TIME = Duration.ofSeconds(1);
        private static final int RECEIVE_BUFFER_SIZE = 64 << 10;

        private WriteMode writeMode = WriteMode.INLINE;
        private Duration maxSelectTime = Duration.ofMillis(100);
        private String roleName = "send-loop";

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
         * How long a duty cycle with nothing to do may wait in the selector, 0 to 1 second, in whole milliseconds; zero
         * for not at all. Default: 100 ms. It is no latency, work wakes the loop; only the end of its runner does not.
         */
        public Builder maxSelectTime(Duration time) {
            if (time.isNegative() || time.compareTo(MOST_SELECT_TIME) > 0) {
                throw new IllegalArgumentException("maxSelectTime must be between 0 and 1 second, was " + time);
            }
            return selectTime(time);
        }

        /** For tests that prove a wake-up: a loop that would otherwise sleep for long. */
        Builder selectTime(Duration time) {
            this.maxSelectTime = time;
            return this;
        }

        /** The name of the loop, and of the thread that {@link SendLoop#start()} makes. Default: send-loop. */
        public Builder roleName(String name) {
            this.roleName = Objects.requireNonNull(name, "roleName");
            return this;
        }

        /** One of several that are alike. */
        SendLoop buildNumbered(int number) throws IOException {
            return new SendLoop(
                    this,
                    roleName + "-" + number,
                    Selector.open(),
                    ByteBuffer.allocateDirect(settings().receiveBufferSize()));
        }

        /**
         * Builds the loop.
         *
         * @throws IOException if no selector can be opened
         */
        public SendLoop build() throws IOException {
            return new SendLoop(
                    this,
                    roleName,
                    Selector.open(),
                    ByteBuffer.allocateDirect(settings().receiveBufferSize()));
        }
    }
}
