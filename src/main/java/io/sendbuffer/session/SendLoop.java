/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.internal.LoopThreads;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.jspecify.annotations.Nullable;

/**
 * A selector loop that reads from, writes to and accepts sessions. It has no thread of its own: {@link #start()} makes
 * one, or an Agrona {@code AgentRunner} or {@code AgentInvoker} runs its duty cycle.
 *
 * <pre>{@code
 * SendLoop loop = SendLoop.builder().build();
 * loop.listen(server, channel -> new Player());          // a listener for each connection
 * LoopRunner runner = loop.start();                      // a thread of its own; runner.close() ends it all
 * }</pre>
 *
 * <p>With nothing to do, the duty cycle waits in the selector for up to {@link Builder#maxSelectTime}, and a sender
 * that needs the loop wakes it, as does a clock or a task that is due; while the loop is awake no thread makes that
 * system call. Set it to zero for a duty cycle that never blocks, as an {@code AgentInvoker} or a busy-spinning idle
 * strategy wants it, and wherever other agents share the thread, in a {@code CompositeAgent} for instance: their work
 * does not wake the loop, and would wait for it. Then the clocks are as exact as the idle strategy. Or give such work
 * to the loop, see {@link #scheduleAtFixedRate}. {@link #onClose} may wait for the {@link Builder#closeTimeout}.
 *
 * <p>{@link #add}, {@link #listen}, {@link #execute} and {@link #schedule} may be called by any thread; the methods of
 * {@link Agent} are its runner's.
 */
public final class SendLoop implements Agent, Executor {
    private final SessionSettings settings;
    private final WriteMode writeMode;
    private final long maxSelectNanos;
    private final String roleName;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicInteger sessionCount = new AtomicInteger();
    private final PendingSessions pendingSessions = new PendingSessions();
    private final LoopAcceptors acceptors = new LoopAcceptors(this);
    private final LoopSelector selector;
    private final Stragglers stragglers;

    // Owned by the thread that runs the loop.
    private final LoopSessions sessions = new LoopSessions(this);
    private final LoopLogs logs = new LoopLogs(this);
    private final LoopTasks tasks = new LoopTasks(this);
    private final ByteBuffer receiveBuffer;
    private final LoopFailures failures = new LoopFailures(this);
    private final LoopEnd end;
    private boolean inCycle;
    private @Nullable Thread knownThread;
    private final LoopThreads.Loop runs = this::isRunBy;

    /** Nothing new is taken. */
    private volatile boolean closing;

    /** The loop runs no more. */
    private volatile boolean closed;

    /** The next duty cycle is to end the loop, or the one that runs, on its way out. */
    private volatile boolean endRequested;

    /** Why the loop could not continue; null if it was closed. Written by the loop before it closes. */
    private volatile @Nullable Throwable death;

    /** With a selector and a buffer to receive into that are given: race tests make thousands of loops. */
    SendLoop(Builder settings, String roleName, Selector selector, ByteBuffer receiveBuffer) {
        this.settings = settings.settings();
        this.writeMode = settings.writeMode;
        this.maxSelectNanos = settings.maxSelectTime.toNanos();
        this.roleName = roleName;
        this.receiveBuffer = receiveBuffer;
        this.selector = new LoopSelector(this, selector, sessions, receiveBuffer);
        this.stragglers = new Stragglers(this, pendingSessions, settings.stragglers);
        this.end = new LoopEnd(this, this.selector, sessions, acceptors, stragglers, settings.onEnded);
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
        return add(channel, null, listener);
    }

    /**
     * Puts a connected channel on this loop, with a layer over it: TLS, for instance. What is sent before the handshake
     * is over waits for it. If it fails, or is not over within {@link Builder#connectTimeout}, the session ends with
     * that cause, without an {@code onOpened}. Otherwise as {@link #add(SocketChannel, SessionListener)}.
     *
     * @param layers makes the layer; null for none
     */
    public Session add(SocketChannel channel, SocketLayer.@Nullable Factory layers, SessionListener listener)
            throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        Sockets.requireConnected(channel.isConnected());
        requireOpen();
        if (channel.keyFor(selector.selector()) != null) {
            throw new IllegalStateException("the channel has a session on this loop already");
        }
        channel.configureBlocking(false);
        Sockets.configure(channel, settings);
        return serveNew(newSession(channel, layers, listener, null));
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
        return connect(server, null, listener);
    }

    /**
     * Connects to a server, on this loop, with a layer over the socket; the timeout is for the connection and the
     * layer's handshake. Otherwise as {@link #connect(SocketAddress, SessionListener)}.
     *
     * @param layers makes the layer; null for none
     */
    public Session connect(SocketAddress server, SocketLayer.@Nullable Factory layers, SessionListener listener)
            throws IOException {
        requireOpen();
        SocketChannel channel = settings.resources().openSocket(server);
        try {
            channel.configureBlocking(false);
            Sockets.configure(channel, settings);
            return serveNew(newSession(channel, layers, listener, server));
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Makes a session that the loop does not know of yet. */
    LoopSession newSession(SocketChannel channel, SessionListener listener, @Nullable SocketAddress connectTo) {
        return newSession(channel, null, listener, connectTo);
    }

    private LoopSession newSession(
            SocketChannel channel,
            SocketLayer.@Nullable Factory layers,
            SessionListener listener,
            @Nullable SocketAddress connectTo) {
        return layers == null
                ? new LoopSession(this, settings, channel, listener, writeMode, connectTo)
                : new LayeredSession(this, settings, channel, listener, writeMode, connectTo, layers);
    }

    Session serveNew(LoopSession session) {
        sessionCount.incrementAndGet();
        requestService(session);
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
     *     system keeps accepting until the loop's next turn, which may take {@link Builder#maxSelectTime}
     * @param listeners makes the listener of each connection, or refuses it; called on the loop's thread
     * @throws IllegalArgumentException if the socket is not bound
     * @throws IllegalStateException if the loop is closed
     * @throws IOException if the channel cannot be made non-blocking, for instance because it is closed
     */
    public void listen(ServerSocketChannel server, SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        listen(server, null, listeners);
    }

    /**
     * Accepts connections on this loop, each with a layer over it. Otherwise as {@link #listen(ServerSocketChannel,
     * SessionListener.Factory)}.
     *
     * @param layers makes the layers; null for none
     */
    public void listen(
            ServerSocketChannel server,
            SocketLayer.@Nullable Factory layers,
            SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        listen(server, layers, listeners, (channel, listener) -> add(channel, layers, listener));
    }

    /** Accepts connections on this loop, and puts each where it belongs. */
    void listen(
            ServerSocketChannel server,
            SocketLayer.@Nullable Factory layers,
            SessionListener.Factory<? super SocketChannel> listeners,
            Connections.Placement<SocketChannel> placement)
            throws IOException {
        requireOpen();
        Acceptor acceptor = Acceptor.of(this, selector.selector(), server, layers, listeners, placement);
        serveNew(acceptor);
        if (closed && !acceptors.isServedElsewhere(acceptor)) {
            requireOpen();
        }
        selector.wakeUpIfAsleep();
    }

    void serveNew(Acceptor acceptor) {
        acceptors.add(acceptor);
    }

    /**
     * Starts a daemon thread that runs this loop and sleeps in the selector when there is nothing to do.
     *
     * @return what ends the thread, the loop and its sessions, with its {@code close()}
     * @throws IllegalStateException if it was started already, or has ended
     */
    public LoopRunner start() {
        requireOpen();
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("the loop was started already; a loop has one thread");
        }
        try {
            return LoopRunner.start(this);
        } catch (Throwable e) { // no more threads
            started.set(false);
            throw e;
        }
    }

    // ---- tasks

    /**
     * Runs a task on the loop's thread, soon, and never within this call. Tasks that one thread gives run in their
     * order. A loop runs at most 64 tasks in each duty cycle, so that they do not starve its sessions; do not block in
     * one.
     *
     * <p>What a task throws goes to the {@link Builder#errorHandler} and harms neither the loop nor other tasks. A loop
     * that ends, or dies, drops the tasks that it has not run, without a word: they run neither there nor elsewhere.
     *
     * @throws RejectedExecutionException if the loop is closed; the task does not run
     */
    @Override
    public void execute(Runnable task) {
        tasks.execute(task);
    }

    /**
     * Runs a task once on the loop's thread after a delay, as {@link #execute} does, and never before. The loop wakes
     * for it, whatever its {@link Builder#maxSelectTime}, within a millisecond or two on a machine that is not busy.
     *
     * @param delay 0 to 365 days
     * @return what cancels it
     * @throws RejectedExecutionException if the loop is closed; the task does not run
     */
    public LoopTask schedule(Runnable task, Duration delay) {
        return tasks.schedule(task, delay);
    }

    /**
     * Runs a task again and again on the loop's thread, the first time after one period: a server's tick, for instance.
     * Runs are due at multiples of the period from this call on; those that the loop is late for are left out, not made
     * up for. A task that throws runs again at its next time. Otherwise as {@link #schedule}.
     *
     * @param period 1 ms to 365 days
     * @return what cancels it
     * @throws RejectedExecutionException if the loop is closed; the task does not run
     */
    public LoopTask scheduleAtFixedRate(Runnable task, Duration period) {
        return tasks.scheduleAtFixedRate(task, period);
    }

    // ---- the duty cycle

    /**
     * One duty cycle. Survives what user code and the JVM throw: the session, the connection or the step that met it
     * ends, and it is reported. If the loop cannot continue, it ends in order.
     *
     * @throws AgentTerminationException if the loop has ended, so that its runner stops
     */
    @Override
    public int doWork() {
        if (end.isBegun()) {
            end.carryOut(); // if an Error cut it off, it continues there
        }
        if (closed) {
            throw new AgentTerminationException(death, death == null);
        }
        inCycle = true;
        int count = 0;
        try {
            seeThread(Thread.currentThread());
            count = acceptors.admit(selector.selector());
            count += tasks.run(); // before the sessions: what tasks send is written in this cycle
            count += servePending();
            count += logs.serve();
            logs.endTurns();
            count += selector.select(maxSelectNanos);
            sessions.watch();
            failures.reset();
        } catch (Throwable e) {
            survive(e);
        } finally {
            inCycle = false;
        }
        if (endRequested) {
            end.carryOut();
        }
        return count;
    }

    /** An acquire on a loop's thread parks for nothing. */
    private void seeThread(Thread current) {
        if (knownThread != current) {
            knownThread = current;
            LoopThreads.add(runs);
        }
    }

    private boolean isRunBy(Thread thread) {
        return !closed && knownThread == thread;
    }

    /** One duty cycle of the loop's own runner. Returns false when the loop has ended, with every step of its end. */
    boolean runCycle() {
        if (end.isBegun()) {
            end.carryOut();
            return !end.isOver();
        }
        doWork();
        if (Thread.interrupted() && !closed) {
            report(new IllegalStateException("a callback left the thread of " + roleName
                    + " interrupted, which would keep it from sleeping; the interrupt was taken back"));
        }
        return !end.isOver();
    }

    /** A duty cycle failed. On the loop's thread; never throws. */
    void survive(Throwable failure) {
        failures.survive(failure);
    }

    /** Ends the loop, which cannot continue: all sessions end with this cause. */
    void die(Throwable cause) {
        if (!end.isBegun()) {
            death = cause;
        }
        report(cause);
        end.carryOut();
    }

    /** What a loop that is about to sleep looks at; see {@link LoopSelector}. */
    boolean hasWork() {
        return !pendingSessions.isEmptyVolatile()
                || acceptors.hasNew()
                || tasks.hasNew()
                || endRequested
                || logs.hasNews();
    }

    /** Serves the sessions that want it. On the loop's thread. */
    int servePending() {
        return sessions.serveAll(pendingSessions.takeAll(), selector.selector());
    }

    /** A session has its turn to read in the next duty cycle, ready or not. On the loop's thread. */
    void readAgain(LoopSession session) {
        selector.readAgain(session);
    }

    /** The loop's own list, for its sessions on its thread. */
    LoopSessions sessions() {
        return sessions;
    }

    LoopTasks tasks() {
        return tasks;
    }

    /** The logs that the sessions subscribe to. */
    LoopLogs logs() {
        return logs;
    }

    /** For logs, after they have more. Any thread. */
    void wakeUpIfAsleep() {
        selector.wakeUpIfAsleep();
    }

    /** For the loop's thread. */
    ByteBuffer receiveBuffer() {
        return receiveBuffer;
    }

    // ---- the end

    /** Asks for the end of the loop, which its runner's next duty cycle carries out. Any thread. */
    void requestEnd() {
        endRequested = true;
        closing = true;
        if (!closed) {
            selector.wakeUp();
        }
    }

    /**
     * Closes the listening sockets, and every session as {@link Session#close()} does: for as long as the
     * {@link Builder#closeTimeout} the loop keeps writing what is queued; then it aborts the sessions that are left.
     * Called by the runner, on the loop's thread. An interrupt cuts the time short. From within a callback it returns
     * at once, and the duty cycle that made the callback ends the loop.
     */
    @Override
    public void onClose() {
        if (inCycle) {
            endRequested = true;
        } else {
            end.carryOut();
        }
    }

    /** The first step of the end. */
    void refuseNew() {
        closing = true;
    }

    /** The step of the end after which a thread that adds a session has to see to the session's end. */
    void runNoMore() {
        closed = true;
    }

    /** For race tests; see {@link LoopEnd}. */
    void waitForOthersAtMost(long nanos) {
        end.waitForOthersAtMost(nanos);
    }

    /** True when the loop has ended and runs no more. */
    boolean isEnded() {
        return closed;
    }

    /** True when the loop has ended, or ends: it takes nothing new. */
    public boolean isClosed() {
        return closing;
    }

    @Override
    public String roleName() {
        return roleName;
    }

    /** Before the loop runs: what takes its listening sockets if it dies. */
    void heir(Acceptor.Heir taker) {
        acceptors.heir(taker);
    }

    SessionSettings settings() {
        return settings;
    }

    // ---- for sessions and acceptors, any thread

    /** Sees to it that the loop serves a session soon: registers it, flushes it, or makes its callbacks. */
    void requestService(LoopSession session) {
        if (session.casPending()) {
            boolean added = false;
            try {
                pendingSessions.add(session);
                added = true;
            } finally {
                if (!added) { // the stack ends here: the next call for it finds that
                    session.pending = false;
                }
            }
            if (closed) {
                stragglers.leaveToAThread();
            } else {
                selector.wakeUpIfAsleep();
            }
        }
    }

    /** Why the loop ended, for sessions that end with it; null if it was closed. */
    @Nullable
    Throwable causeOfEnd() {
        return death;
    }

    void report(Throwable error) {
        settings.report(error);
    }

    /** A session of this loop has ended. On the loop's thread, unless the loop runs no more. */
    void forget(LoopSession session) {
        sessionCount.decrementAndGet();
        if (!closed) {
            sessions.remove(session);
        }
    }

    private void requireOpen() {
        if (closing) {
            throw new IllegalStateException("the loop is closed; use a running one", death);
        }
    }

    /**
     * The settings of a loop, each checked when it is set. Not safe for use by several threads.
     *
     * <p>Where the sessions' callbacks run, under which locks, and what they may call: see {@link SessionListener}. The
     * listeners' factory runs there as well, on the loop's thread. The error handler runs on the thread that met the
     * error, the loop's or a caller's, under no lock of this library; {@link #onEnded} says where it runs.
     */
    public static final class Builder extends SessionBuilder<Builder> {
        private static final Duration MIN_SELECT_TIME = Duration.ofMillis(1);
        private static final Duration MAX_SELECT_TIME = Duration.ofSeconds(1);
        private static final int RECEIVE_BUFFER_SIZE = 64 << 10;
        private static final int SEND_BUFFER_SIZE = 128 << 10;

        private WriteMode writeMode = WriteMode.LOOP;
        private Duration maxSelectTime = Duration.ofMillis(100);
        private ThreadFactory stragglers = DaemonThreads.named("send-loop-stragglers");
        private BiConsumer<? super SendLoop, ? super @Nullable Throwable> onEnded = (loop, cause) -> {};
        private String roleName = "send-loop";

        private Builder() {
            super(RECEIVE_BUFFER_SIZE, SEND_BUFFER_SIZE);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Which thread writes. Default: {@link WriteMode#LOOP}, under which a broadcast costs the sender a queue for
         * each session, not a system call.
         */
        public Builder writeMode(WriteMode mode) {
            this.writeMode = Objects.requireNonNull(mode, "writeMode");
            return this;
        }

        /**
         * How long a duty cycle with nothing to do may wait in the selector: 1 ms to 1 second, or zero for not at all.
         * Default: 100 ms. It is no latency and bounds no timeout: work wakes the loop, and so does a clock that is
         * due.
         */
        public Builder maxSelectTime(Duration time) {
            boolean tooShort = !time.isZero() && time.compareTo(MIN_SELECT_TIME) < 0;
            if (tooShort || time.compareTo(MAX_SELECT_TIME) > 0) {
                throw new IllegalArgumentException(
                        "maxSelectTime must be zero, or between 1 ms and 1 second, was " + time);
            }
            return selectTime(time);
        }

        /**
         * Called once when a loop has ended, after the last callback of its sessions, on the thread that ran it; the
         * second argument is why it could not continue, null if it was closed. By then a loop of a
         * {@link SendLoopGroup} has handed its listening sockets to another one, if one still runs. Under no lock; may
         * call anything. What it throws goes to the error handler. Default: nothing is called.
         */
        public Builder onEnded(BiConsumer<? super SendLoop, ? super @Nullable Throwable> action) {
            this.onEnded = Objects.requireNonNull(action, "onEnded");
            return this;
        }

        /** For race tests: makes the threads of {@link Stragglers}. */
        Builder stragglers(ThreadFactory factory) {
            this.stragglers = factory;
            return this;
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
            return build(roleName + "-" + number);
        }

        /**
         * Builds the loop.
         *
         * @throws IOException if no selector can be opened
         */
        public SendLoop build() throws IOException {
            return build(roleName);
        }

        private SendLoop build(String name) throws IOException {
            Preloading.once();
            SessionSettings settings = settings();
            ByteBuffer receiveBuffer = settings.resources().allocateDirect(settings.receiveBufferSize());
            Selector selector = settings.resources().openSelector();
            try {
                return new SendLoop(this, name, selector, receiveBuffer);
            } catch (Throwable e) {
                selector.close();
                throw e;
            }
        }
    }
}
