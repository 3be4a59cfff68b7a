/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The life of a small server, during which one fault occurs. */
final class InjectedLife {
    private static final int LENGTH = 100;
    private static final int MAX_QUEUED = 4;

    /** Only a refusal passes the watermark: a loop that has a callback to make writes what is queued too. */
    private static final QueueLimits LIMITS = QueueLimits.DEFAULT
            .withMaxQueuedMessages(MAX_QUEUED)
            .withWatermarks(QueueLimits.DEFAULT.maxQueuedBytes(), QueueLimits.DEFAULT.maxQueuedBytes());

    /** For what should happen at once, and never happens if an end stopped halfway. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final SocketAddress INTERNET = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    /** The edges that a heartbeat which is due may meet: others need not wait for it. */
    private static final Set<Faults.Edge> BEATEN = EnumSet.of(
            Faults.Edge.WRITE,
            Faults.Edge.ON_RELEASE,
            Faults.Edge.ON_DRAINED,
            Faults.Edge.INTEREST,
            Faults.Edge.SELECT,
            Faults.Edge.WAKEUP,
            Faults.Edge.CLOCK_FACTORY,
            Faults.Edge.CLOCK_START,
            Faults.Edge.WATCH_START);

    /** A path that exists. */
    private static final SocketAddress UNIX = UnixDomainSocketAddress.of(".");

    final SessionGroup group = new SessionGroup(new Refusals());
    final Faults faults;

    private final HostSettings settings = new HostSettings()
            .queueLimits(LIMITS)
            .closeTimeout(Duration.ofMillis(300))
            .maxSelectTime(Duration.ofMillis(10));
    private final SendBufferPool pool;
    private final List<InjectedMember> members = new ArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger refusalEnds = new AtomicInteger();
    private final InjectedKind kind;
    private final Faults.Edge edge;

    InjectedLife(InjectedKind kind, Faults faults, Faults.Edge edge) {
        this.kind = kind;
        this.faults = faults;
        this.edge = edge;
        this.pool = Pools.track(SendBufferPool.builder()
                .errorHandler(error -> {
                    settings.errors.add(error);
                    faults.hit(Faults.Edge.POOL_ERROR_HANDLER);
                })
                .build());
    }

    /** Returns true if the fault occurred. */
    boolean live() throws Exception {
        StubHost host;
        try {
            host = kind.start(settings, faults);
        } catch (Throwable e) {
            requireOurs(e);
            requireNothingLeft();
            return faults.wasThrown();
        }
        StubHost.@Nullable Server server = null;
        try {
            server = listen(host);
            if (server != null) {
                server.connect(new StubStream(faults));
            }
            add(host);
            add(host);
            connect(host, INTERNET);
            if (kind != InjectedKind.ASYNC) { // its channels support no such address
                connect(host, UNIX);
            }
            requireSoon("each is opened or over", () -> snapshot().stream().allMatch(InjectedMember::isOpenedOrOver));
            pauseAndResume();
            setHeartbeats();
            broadcast();
            refuse();
            receive();
            blockADelivery();
            broadcast();
            endSome();
            if (server != null) {
                requireAccepted(server);
            }
            requireServedOrRefused(host, server);
        } finally {
            attempt(host::close);
        }
        attempt(host::close);
        requireEnded(host, server);
        return faults.wasThrown();
    }

    private StubHost.@Nullable Server listen(StubHost host) {
        try {
            return host.listen(connection -> {
                faults.hit(Faults.Edge.LISTENER_FACTORY);
                InjectedMember member = keep(StubHost.streamOf(connection));
                throwAsTheUserDoes();
                return member;
            });
        } catch (Throwable e) {
            requireOurs(e);
            return null;
        }
    }

    private InjectedMember keep(StubStream stream) {
        InjectedMember member = new InjectedMember(this, stream);
        synchronized (members) {
            members.add(member);
        }
        return member;
    }

    /** Accepting continues, or the port is closed. */
    private static void requireAccepted(StubHost.Server server) throws Exception {
        requireSoon("all are accepted", () -> server.waiting() == 0 || !server.isOpen());
    }

    /** Always throws where an error handler is to throw, so that there is something to report. */
    void throwAsTheUserDoes() {
        if (edge == Faults.Edge.ERROR_HANDLER) {
            throw new UsersException();
        }
    }

    private void add(StubHost host) {
        InjectedMember member = keep(new StubStream(faults));
        try {
            member.session = host.add(member.stream, member);
        } catch (Throwable e) {
            requireOurs(e);
            member.refused = true;
        }
    }

    /** The first connect to a Unix-domain socket finds its backlog full. */
    private void connect(StubHost host, SocketAddress address) {
        InjectedMember member = keep(new StubStream(faults));
        if (address == UNIX) {
            settings.toConnect.add(new StubStream(faults).fillBacklogOnce());
        }
        settings.toConnect.add(member.stream);
        try {
            member.session = host.connect(address, member);
        } catch (Throwable e) {
            requireOurs(e);
            member.refused = true;
            settings.toConnect.clear();
        }
    }

    private SendBuffer message() {
        SendBuffer message = pool.acquire(LENGTH);
        while (message.remaining() > 0) {
            message.putByte((byte) 1);
        }
        return message.onRelease(unwritten -> {
                    faults.hit(Faults.Edge.ON_RELEASE);
                    if (edge == Faults.Edge.POOL_ERROR_HANDLER) {
                        throw new UsersException();
                    }
                })
                .seal();
    }

    private void broadcast() {
        send(group::broadcast);
    }

    private interface Sending {
        void send(SendBuffer message);
    }

    private void send(Sending sending) {
        try (SendBuffer message = message()) {
            sending.send(message);
        } catch (Throwable e) {
            requireOurs(e);
        }
    }

    /** One member's queue is full; the group detects that, and later that it has room again. */
    private void refuse() throws Exception {
        List<InjectedMember> added = added();
        if (added.isEmpty()) {
            return;
        }
        InjectedMember slow = added.get(0);
        awaitFor(() -> slow.added().queuedMessages() == 0 || slow.isOver());
        for (int i = 0; i < MAX_QUEUED; i++) {
            send(message -> assertNotNull(slow.added().queue(message)));
        }
        send(group::queue);
        awaitFor(() -> refusals.get() > 0 || slow.isOver() || faults.wasThrown());
        try {
            group.flush();
        } catch (Throwable e) {
            requireOurs(e);
        }
        requireSoon("the queue is written", () -> slow.added().queuedMessages() == 0);
        send(group::queue);
        awaitFor(() -> refusalEnds.get() > 0 || slow.isOver() || faults.wasThrown());
    }

    private void receive() throws Exception {
        for (InjectedMember member : added()) {
            int before = member.received.get();
            member.stream.receive((byte) 1);
            requireSoon("it is received", () -> member.received.get() > before || member.isOver());
        }
    }

    /** What comes while a member does not read comes when it reads again. */
    private void pauseAndResume() throws Exception {
        for (InjectedMember member : added()) {
            int before = member.received.get();
            call(member.added()::pauseReading);
            member.stream.receive((byte) 2);
            call(member.added()::resumeReading);
            requireSoon("it is received again", () -> member.received.get() > before || member.isOver());
        }
    }

    /** All members have one heartbeat, which they release when they end; that of one of them is due now. */
    private void setHeartbeats() throws Exception {
        send(beat -> group.forEach(member -> member.heartbeat(beat, Duration.ofHours(1))));
        List<InjectedMember> added = added();
        if (!BEATEN.contains(edge) || added.isEmpty()) {
            return;
        }
        InjectedMember first = added.get(0);
        int before = faults.calls(Faults.Edge.WRITE);
        send(beat -> first.added().heartbeat(beat, Duration.ofMillis(1)));
        requireSoon("it beats", () -> faults.calls(Faults.Edge.WRITE) > before || first.isOver() || faults.wasThrown());
        send(beat -> first.added().heartbeat(beat, Duration.ZERO));
    }

    private void call(Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            requireOurs(e);
        }
    }

    /** Where callbacks have threads of their own: a callback that blocks does not keep others waiting. */
    private void blockADelivery() throws Exception {
        List<InjectedMember> added = added();
        boolean wanted = edge == Faults.Edge.DELIVERY_FACTORY || edge == Faults.Edge.DELIVERY_START;
        if (!wanted || added.size() < 2) {
            return;
        }
        CountDownLatch other = new CountDownLatch(1);
        added.get(0).added().deliver(() -> Threads.await(other));
        added.get(1).added().deliver(other::countDown);
        requireSoon("another callback is called", () -> other.getCount() == 0);
    }

    /** Some leave, some are closed, some aborted; others stay until the host closes. */
    private void endSome() throws Exception {
        List<InjectedMember> added = added();
        if (!added.isEmpty()) {
            added.get(0).stream.endInput();
        }
        if (added.size() > 1) {
            attempt(() -> added.get(1).added().close());
        }
        if (added.size() > 2) {
            attempt(() -> added.get(2).added().abort());
        }
    }

    private List<InjectedMember> added() {
        return snapshot().stream().filter(member -> member.session != null).toList();
    }

    private List<InjectedMember> snapshot() {
        synchronized (members) {
            return List.copyOf(members);
        }
    }

    /** A new session is notified, or refused with a reason; it is never accepted and forgotten. */
    private void requireServedOrRefused(StubHost host, StubHost.@Nullable Server server) throws Exception {
        for (int i = 0; i < 2; i++) { // the fault itself may hit the first
            InjectedMember late = keep(new StubStream(faults));
            try {
                late.session = host.add(late.stream, late);
                late.stream.receive((byte) 1);
                requireSoon("a new session is served or ended", () -> late.received.get() > 0 || late.isOver());
            } catch (AssertionError e) {
                throw e;
            } catch (Throwable e) {
                requireOurs(e);
                late.refused = true;
            }
        }
        if (host.loops().isEmpty() || server == null) {
            return;
        }
        if (host.loops().stream().allMatch(SendLoop::isClosed)) {
            requireEndsNotified(host);
            assertFalse(server.isOpen(), "the port of a loop that ended");
            assertSame(settings.endCause, refusalOf(host).getCause(), "the cause of the refusal");
        } else if (host.loops().stream().anyMatch(SendLoop::isClosed)) {
            server.connect(new StubStream(faults));
            requireSoon("another loop accepts", () -> server.waiting() == 0);
            assertTrue(server.isOpen(), "the port of a loop that ended, where another keeps running");
        }
    }

    private static IllegalStateException refusalOf(StubHost host) {
        try {
            host.add(new StubStream(), new SessionListener() {});
        } catch (IllegalStateException e) {
            requireRefusal(e);
            return e;
        } catch (IOException e) {
            throw new AssertionError("an unexpected refusal", e);
        }
        throw new AssertionError("a host that ended accepts a session");
    }

    private void requireEnded(StubHost host, StubHost.@Nullable Server server) throws Exception {
        requireSoon("each is over", () -> snapshot().stream().allMatch(InjectedMember::isOver));
        requireSoon("no session is kept", () -> host.sessionCount() == 0);
        requireSoon("nothing is outstanding", () -> pool.stats().outstandingBuffers() == 0);
        for (InjectedMember member : snapshot()) {
            assertTrue(member.closed.get() <= 1, "notified twice");
            Throwable cause = member.cause;
            if (cause != null) {
                requireExplained(cause);
            }
        }
        settings.errors.forEach(this::requireExplained);
        assertEquals(0, group.size(), "members that ended");
        if (server != null) {
            requireSoon("the port is closed", () -> !server.isOpen());
        }
        assertTrue(host.loops().stream().allMatch(SendLoop::isClosed));
        requireEndsNotified(host);
        refusalOf(host);
        requireNothingLeft();
    }

    private void requireEndsNotified(StubHost host) throws Exception {
        int loops = host.loops().size();
        requireSoon("onEnded was called for each loop", () -> settings.ended.get() >= loops);
        assertEquals(loops, settings.ended.get(), "onEnded was called more than once for a loop");
    }

    private void requireNothingLeft() throws Exception {
        requireSoon("no thread is left", () -> settings.threads.stream().noneMatch(Thread::isAlive));
        requireSoon("no selector is left", () -> settings.selectors.stream().noneMatch(each -> each.isOpen()));
        requireSoon("no socket is left", () -> settings.sockets.stream().allMatch(StubStream::isClosed));
    }

    /** A call of the test, which must return: it may throw only what was injected, or a refusal. */
    private void attempt(Runnable call) throws Exception {
        try {
            Threads.start(() -> {
                        call.run();
                        return true;
                    })
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            requireOurs(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("a call does not return", e);
        }
    }

    // ---- what may be thrown and reported

    /** What a call throws must be what was thrown at the library, or the library's own refusal. */
    private void requireOurs(@Nullable Throwable thrown) {
        if (thrown instanceof AssertionError failed) {
            throw failed;
        }
        if (thrown == null || !isOurs(thrown)) {
            requireRefusal(thrown);
        }
    }

    private boolean isOurs(Throwable thrown) {
        return faults.isBehind(thrown) || thrown instanceof UsersException;
    }

    private static void requireRefusal(@Nullable Throwable thrown) {
        if (!(thrown instanceof IllegalStateException) || !isRefusal(String.valueOf(thrown.getMessage()))) {
            throw new AssertionError("something else was thrown", thrown);
        }
    }

    private static boolean isRefusal(String message) {
        return message.equals("the loop is closed; use a running one")
                || message.equals("all loops of the group have ended; use another one")
                || message.equals("these sessions are closed; use others");
    }

    /** What is reported, as an error or as the cause of an end, must be explained by what happened here. */
    private void requireExplained(Throwable reported) {
        if (!isOurs(reported) && !InjectedMember.isUsualCause(reported)) {
            throw new AssertionError("something else was reported", reported);
        }
    }

    private static final class UsersException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UsersException() {
            super("the user's, on purpose");
        }
    }

    private static void requireSoon(String what, BooleanSupplier condition) throws Exception {
        if (!awaitFor(condition)) {
            throw new AssertionError("timed out waiting until " + what);
        }
    }

    private static boolean awaitFor(BooleanSupplier condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(100_000);
        }
        return true;
    }

    /** Is notified of members that are too slow. */
    private final class Refusals implements RefusalListener {
        @Override
        public void onRefused(Session session) {
            refusals.incrementAndGet();
            faults.hit(Faults.Edge.ON_REFUSED);
        }

        @Override
        public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
            refusalEnds.incrementAndGet();
            faults.hit(Faults.Edge.ON_REFUSALS_ENDED);
        }
    }
}
