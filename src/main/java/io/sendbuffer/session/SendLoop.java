package io.sendbuffer.session;

import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
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
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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
 * that needs the loop wakes it; while the loop is awake nobody makes that system call. Set it to zero for a duty cycle
 * that never blocks, as an {@code AgentInvoker} or a busy-spinning idle strategy wants it.
 *
 * <p>{@link #add} and {@link #listen} may be called by any thread; the methods of {@link Agent} are its runner's.
 */
public final class SendLoop implements Agent {
    private static final VarHandle ASLEEP = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "asleep", VarHandle.class, SendLoop.class, boolean.class);

    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long CLOSING_SELECT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** A loop whose duty cycle fails that often in a row, for about two seconds, is not going to recover. */
    private static final int MAX_FAILURES = 12;

    private static final long INITIAL_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final int MAX_DOUBLINGS = 9;

    /** How often a dead loop tries to hand a listening socket on while there is no memory: for about ten seconds. */
    private static final int MAX_MOVES = 45;

    private static final long WAIT_FOR_OTHERS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MAX_WAIT_FOR_OTHERS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Selector selector;
    private final SessionSettings settings;
    private final WriteMode writeMode;
    private final long maxSelectNanos;
    private final String roleName;
    private final AtomicInteger sessionCount = new AtomicInteger();
    private final PendingSessions pendingSessions = new PendingSessions();
    private final Queue<Acceptor> newAcceptors = new ConcurrentLinkedQueue<>();

    // Owned by the thread that runs the loop.
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final LoopSessions sessions = new LoopSessions(this);
    private final ByteBuffer receiveBuffer;
    private final AtomicBoolean started = new AtomicBoolean();
    private final Consumer<SelectionKey> onReady = this::onReady;
    private final BiConsumer<? super SendLoop, ? super @Nullable Throwable> onEnded;
    private final ThreadFactory stragglers;
    private Acceptor.@Nullable Heir heir;
    private final ReadTurns readTurns = new ReadTurns();
    private int failures;
    private boolean inCycle;

    /** Taken from the queue, and not yet on the list or given up: an Error in between must not lose a port. */
    private @Nullable Acceptor inHand;

    /** The end, in order: made with the loop, since there may be no memory for any of it later. */
    private final EndStep[] endSteps = {
        this::giveAcceptorsUp,
        this::closeSessions,
        this::endAll,
        this::awaitEnds,
        this::runNoMore,
        this::endAll,
        this::giveLastAcceptorsUp, // those that came meanwhile, or could not be moved
        this::endStragglers,
        this::closeSelector,
        this::callOnEnded
    };

    /** The step of the end that is next; a thread that comes to the end again continues there. */
    private int endStep;

    private boolean inEnd;
    private long endStartNanos;
    private long maxWaitForOthersNanos = MAX_WAIT_FOR_OTHERS_NANOS;
    private boolean onEndedCalled;

    @SuppressWarnings("unused")
    private boolean asleep;

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
        this.onEnded = settings.onEnded;
        this.stragglers = settings.stragglers;
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
        if (channel.keyFor(selector) != null) {
            throw new IllegalStateException("the channel has a session on this loop already");
        }
        channel.configureBlocking(false);
        Sockets.configure(channel, settings);
        return serveNew(newSession(channel, listener, null));
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
        SocketChannel channel = settings.resources().openSocket(server);
        try {
            channel.configureBlocking(false);
            Sockets.configure(channel, settings);
            return serveNew(newSession(channel, listener, server));
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** Makes a session that the loop does not know of yet. */
    LoopSession newSession(SocketChannel channel, SessionListener listener, @Nullable SocketAddress connectTo) {
        return new LoopSession(this, settings, channel, listener, writeMode, connectTo);
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
        listen(server, listeners, this::add);
    }

    /** Accepts connections on this loop, and puts each where it belongs. */
    void listen(
            ServerSocketChannel server,
            SessionListener.Factory<? super SocketChannel> listeners,
            Acceptor.Placement placement)
            throws IOException {
        requireOpen();
        if (server.isOpen() && server.getLocalAddress() == null) {
            throw new IllegalArgumentException("the server socket is not bound; bind it before listening");
        }
        if (server.keyFor(selector) != null) {
            throw new IllegalStateException("the loop listens on that socket already");
        }
        server.configureBlocking(false);
        Acceptor acceptor = new Acceptor(this, server, listeners, placement);
        serveNew(acceptor);
        if (closed && !isServedElsewhere(acceptor)) {
            requireOpen();
        }
        wakeUpIfAsleep();
    }

    void serveNew(Acceptor acceptor) {
        newAcceptors.add(acceptor);
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

    // ---- the duty cycle

    /**
     * One duty cycle. Survives what user code and the JVM throw: the session, the connection or the step that met it
     * ends, and it is reported. If the loop cannot continue, it ends in order.
     *
     * @throws AgentTerminationException if the loop has ended, so that its runner stops
     */
    @Override
    public int doWork() {
        if (isEndBegun()) {
            endInOrder(); // if an Error cut it off, it continues there
        }
        if (closed) {
            throw new AgentTerminationException(death, death == null);
        }
        inCycle = true;
        int count = 0;
        try {
            count = admitAcceptors() + servePending();
            count += select(maxSelectNanos);
            sessions.watch();
            failures = 0;
        } catch (Throwable e) {
            survive(e);
        } finally {
            inCycle = false;
        }
        if (endRequested) {
            endInOrder();
        }
        return count;
    }

    /** One duty cycle of the loop's own runner. Returns false when the loop has ended, with every step of its end. */
    boolean runCycle() {
        if (isEndBegun()) {
            endInOrder();
            return !isOver();
        }
        doWork();
        if (Thread.interrupted() && !closed) {
            report(new IllegalStateException("a callback left the thread of " + roleName
                    + " interrupted, which would keep it from sleeping; the interrupt was taken back"));
        }
        return !isOver();
    }

    /**
     * Goes on after a pause, or dies if nothing but failures comes of it. On the loop's thread. Never throws: what
     * fails here for want of memory is tried again with the next failure, and with the next duty cycle.
     */
    void survive(Throwable failure) {
        failures++;
        try {
            if (failures > MAX_FAILURES || failure instanceof ClosedSelectorException) {
                die(failure);
                return;
            }
        } catch (Throwable e) {
            report(e);
        }
        report(failure);
        pause(failures);
    }

    private static void pause(int failures) {
        LockSupport.parkNanos(INITIAL_PAUSE_NANOS << Math.min(failures, MAX_DOUBLINGS));
    }

    /** Ends the loop, which cannot continue: all sessions end with this cause. */
    private void die(Throwable cause) {
        if (!isEndBegun()) {
            death = cause;
        }
        report(cause);
        endInOrder();
    }

    private int select(long maxNanos) throws IOException {
        int count = readTurns.begin(receiveBuffer);
        return count + selectReady(readTurns.isAnyWaiting() ? 0 : maxNanos);
    }

    private int selectReady(long maxNanos) throws IOException {
        long nanos = maxNanos == 0 ? 0 : sessions.nanosToSleep(maxNanos);
        if (nanos == 0 || hasWork()) {
            return selector.selectNow(onReady);
        }
        setAsleepVolatile(true);
        try {
            // Look once more: a thread that added work before it saw the loop asleep has not woken it.
            return hasWork() ? selector.selectNow(onReady) : selector.select(onReady, ceilToMillis(nanos));
        } finally {
            setAsleepVolatile(false);
        }
    }

    private static long ceilToMillis(long nanos) {
        return (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI;
    }

    private boolean hasWork() {
        return !pendingSessions.isEmptyVolatile() || !newAcceptors.isEmpty() || endRequested;
    }

    private int servePending() {
        int count = 0;
        LoopSession session = pendingSessions.takeAll();
        while (session != null) {
            LoopSession next = session.nextPending;
            session.nextPending = null;
            try {
                session.attend(selector);
            } catch (Throwable e) { // the others are on no list any more: they must not be lost with this one
                report(e);
            }
            session = next;
            count++;
        }
        return count;
    }

    private int admitAcceptors() {
        int count = 0;
        Acceptor acceptor;
        while ((acceptor = nextAcceptor()) != null) {
            acceptors.add(acceptor);
            inHand = null;
            acceptor.register(selector);
            count++;
        }
        for (int i = acceptors.size() - 1; i >= 0; i--) {
            if (acceptors.get(i).isOpen()) {
                acceptors.get(i).resumeIfDue(selector);
            } else {
                acceptors.remove(i);
            }
        }
        return count;
    }

    private @Nullable Acceptor nextAcceptor() {
        if (inHand == null) {
            inHand = newAcceptors.poll();
        }
        return inHand;
    }

    private void onReady(SelectionKey key) {
        if (asleepPlain()) {
            setAsleepVolatile(false); // what a callback adds is found without a wake-up
        }
        if (key.attachment() instanceof LoopSession session) {
            session.onReady(receiveBuffer, readTurns);
        } else if (key.attachment() instanceof Acceptor acceptor) {
            acceptor.onReady();
        }
    }

    /** The loop's own list, for its sessions on its thread. */
    LoopSessions sessions() {
        return sessions;
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
            wakeUp();
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
            endInOrder();
        }
    }

    private boolean isEndBegun() {
        return endStep > 0 || inEnd;
    }

    private boolean isOver() {
        return endStep == endSteps.length;
    }

    /**
     * Each step runs whatever the others throw. A callback of one of the sessions that end here may close the loop:
     * that changes nothing.
     */
    private void endInOrder() {
        if (inEnd || isOver()) {
            return;
        }
        if (!isEndBegun()) {
            endStartNanos = System.nanoTime();
        }
        inEnd = true;
        closing = true;
        try {
            while (endStep < endSteps.length) {
                run(endSteps[endStep]);
                endStep++;
            }
        } finally {
            inEnd = false;
        }
    }

    /** What the JVM throws, for want of memory for instance, may be over soon: the step continues with what is left. */
    private void run(EndStep step) {
        for (int tries = 1; tries <= MAX_FAILURES; tries++) {
            try {
                step.run();
                return;
            } catch (Throwable e) {
                report(e);
                if (!(e instanceof VirtualMachineError)) {
                    return;
                }
            }
            pause(tries);
        }
    }

    /** Run again if it throws an Error of the JVM. */
    @FunctionalInterface
    private interface EndStep {
        void run() throws IOException;
    }

    /** What cannot be moved for want of memory waits for the last step. */
    private void giveAcceptorsUp() {
        takeNewAcceptors();
        for (int i = acceptors.size() - 1; i >= 0; i--) {
            if (isGivenUp(acceptors.get(i))) {
                acceptors.remove(i);
            }
        }
    }

    private void takeNewAcceptors() {
        Acceptor late;
        while ((late = nextAcceptor()) != null) {
            acceptors.add(late);
            inHand = null;
        }
    }

    private void giveLastAcceptorsUp() {
        for (int tries = 1; tries <= MAX_MOVES; tries++) {
            giveAcceptorsUp();
            if (acceptors.isEmpty()) {
                return;
            }
            pause(tries);
        }
        while (!acceptors.isEmpty()) {
            acceptors.remove(acceptors.size() - 1).close();
        }
    }

    /** Returns false if it is to be tried again. */
    private boolean isGivenUp(Acceptor acceptor) {
        try {
            if (!isMoved(acceptor)) {
                acceptor.close();
            }
            return true;
        } catch (VirtualMachineError e) {
            report(e);
            return false;
        }
    }

    /**
     * Hands a listening socket to another loop.
     *
     * @return false if nobody takes it, and it is to be closed
     * @throws VirtualMachineError for want of memory, for instance: later may be better
     */
    private boolean isMoved(Acceptor acceptor) {
        Acceptor.Heir taker = heir;
        if (taker == null || !acceptor.isOpen()) {
            return false;
        }
        try {
            acceptor.moveTo(taker);
            return true;
        } catch (IllegalStateException e) {
            return false; // all its loops end
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            report(e);
            return false;
        }
    }

    private void closeSessions() throws IOException {
        if (death != null) {
            return;
        }
        long max = settings.closeTimeout().toNanos();
        servePending(); // newcomers become known to the selector
        sessions.closeAll();
        servePending();
        while (sessionCount.get() > 0
                && System.nanoTime() - endStartNanos < max
                && !Thread.currentThread().isInterrupted()) {
            select(CLOSING_SELECT_NANOS);
            servePending();
            sessions.watch();
        }
    }

    private void endAll() {
        sessions.endAll(death);
    }

    /** For race tests, which have no time to wait: what comes too late is theirs to show. Before the loop runs. */
    void waitForOthersAtMost(long nanos) {
        maxWaitForOthersNanos = nanos;
    }

    /** Other threads may be about to add or to end sessions: the last callbacks of these are the loop's, too. */
    private void awaitEnds() {
        long start = System.nanoTime();
        servePending();
        while (sessionCount.get() > 0 && System.nanoTime() - start < maxWaitForOthersNanos) {
            endAll();
            servePending();
            LockSupport.parkNanos(WAIT_FOR_OTHERS_NANOS);
        }
    }

    private void runNoMore() {
        closed = true;
    }

    private void closeSelector() throws IOException {
        selector.close();
    }

    private void callOnEnded() {
        if (!onEndedCalled) {
            onEndedCalled = true;
            onEnded.accept(this, death);
        }
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
        heir = taker;
    }

    SessionSettings settings() {
        return settings;
    }

    // ---- for sessions and acceptors, any thread

    /** Sees to it that the loop attends to a session soon: registers it, flushes it, or makes its callbacks. */
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
                leaveStragglersToAThread();
            } else {
                wakeUpIfAsleep();
            }
        }
    }

    /** The last callbacks of sessions that came too late are made by a thread of their own, not by the caller. */
    private void leaveStragglersToAThread() {
        try {
            stragglers.newThread(this::endStragglers).start();
        } catch (Throwable e) {
            report(e);
            endStragglers(); // no thread is to be had: better here than never
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

    void closeAndReport(Channel channel) {
        Sockets.closeAndReport(channel, settings);
    }

    /** True from the moment that the loop closes: a session that comes now is closed with the others. */
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

    /** For a listening socket that came too late for a loop that no longer runs. If false, it is closed. */
    private boolean isServedElsewhere(Acceptor late) {
        if (!newAcceptors.remove(late)) {
            return heir != null; // the loop took it in its last step, and hands it on if it can
        }
        try {
            if (isMoved(late)) {
                return true;
            }
        } catch (VirtualMachineError e) {
            late.close();
            throw e;
        }
        late.close();
        return false;
    }

    /** Ends the sessions that came too late for a loop that no longer runs. */
    private void endStragglers() {
        LoopSession session = pendingSessions.takeAll();
        while (session != null) {
            LoopSession next = session.nextPending;
            session.nextPending = null;
            try {
                session.endAsStraggler();
            } catch (Throwable e) {
                report(e);
            }
            session = next;
        }
    }

    private void requireOpen() {
        if (closing) {
            throw new IllegalStateException("the loop is closed; use a running one", death);
        }
    }

    private void wakeUpIfAsleep() {
        if ((boolean) ASLEEP.getVolatile(this) && ASLEEP.compareAndSet(this, true, false)) {
            wakeUp();
        }
    }

    /** An Error here is not the sender's: the loop finds what waits for it when its select time is over. */
    private void wakeUp() {
        try {
            selector.wakeup();
        } catch (Throwable e) {
            report(e);
        }
    }

    /** On the loop's thread, which alone sets it: at worst it is set again to what somebody else cleared it to. */
    private boolean asleepPlain() {
        return asleep;
    }

    private void setAsleepVolatile(boolean value) {
        ASLEEP.setVolatile(this, value);
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

        /** For race tests: makes the threads of {@link SendLoop#leaveStragglersToAThread}. */
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
