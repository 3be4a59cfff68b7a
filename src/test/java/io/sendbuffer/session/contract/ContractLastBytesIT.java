/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.FullBacklog;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import io.sendbuffer.session.Wiring;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract of every kind of session: an end loses nothing that could still be delivered, and reports what it lost.
 */
@Tag("slow")
@Timeout(60)
@ParameterizedClass
@MethodSource("io.sendbuffer.session.contract.Way#all")
class ContractLastBytesIT extends ContractTest {
    /** A little more than 3 MiB. */
    private static final int BACKLOG = 315;

    private static final int BYTES_PER_STEP = 64 << 10;
    private static final int CLIENTS = 200;

    ContractLastBytesIT(Way way) {
        super(way);
    }

    // ---- half-closes

    @Test
    void shouldWriteWhatIsQueuedToAPeerThatEndsItsOutputWhileWeClose() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        session.close();
        wire.endOutput();
        NumberedMessages.requireMessages(readSlowlyToTheEnd(wire), BACKLOG, LENGTH);
        awaitClosed();
        assertNull(listener.cause);
        Threads.join(flush);
        requireNothingLost(session);
    }

    @Test
    void shouldWriteWhatIsQueuedToAPeerThatEndedItsOutputBeforeWeClose() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        listener.keepsOutput = true;
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        wire.endOutput();
        Await.until("the end of the input was notified", () -> listener.inputEnded.get() == 1);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        session.close();
        NumberedMessages.requireMessages(readSlowlyToTheEnd(wire), BACKLOG, LENGTH);
        awaitClosed();
        assertNull(listener.cause);
        Threads.join(flush);
    }

    /**
     * No close is called here: the default listener's answer ends the session, but not before its backlog is written.
     */
    @Test
    void shouldWriteWhatIsQueuedBeforeItEndsForAPeerThatEndedItsOutput() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        wire.endOutput();
        NumberedMessages.requireMessages(readSlowlyToTheEnd(wire), BACKLOG, LENGTH);
        awaitClosed();
        assertInstanceOf(EOFException.class, listener.cause);
        assertEquals(1, listener.inputEnded.get());
        Threads.join(flush);
        requireNothingLost(session);
    }

    @Test
    void shouldNotWaitLongerThanTheCloseTimeoutForAPeerThatEndedItsOutput() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        restart(new HostSettings().closeTimeout(Duration.ofMillis(300)));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        long start = System.nanoTime();
        wire.endOutput();
        awaitClosed();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 1_300, () -> "it took " + millis + " ms");
        assertInstanceOf(IOException.class, listener.cause);
        Threads.join(flush);
        assertTrue(lostBytes(session) > 0, "what was lost is counted");
    }

    private byte[] readSlowlyToTheEnd(PeerWire wire) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(BACKLOG * LENGTH + 1);
        AtomicBoolean atEnd = new AtomicBoolean();
        Await.until("the stream ended", atEnd::get, () -> {
            bytes.limit(Math.min(bytes.capacity(), bytes.position() + BYTES_PER_STEP));
            atEnd.set(wire.read(bytes) < 0);
            LockSupport.parkNanos(2_000_000);
        });
        byte[] all = new byte[bytes.flip().remaining()];
        bytes.get(all);
        return all;
    }

    // ---- last words

    /**
     * A close while the peer is still sending must not turn into a reset, which would discard what was not read yet.
     */
    @Test
    void shouldDeliverItsLastWordsToPeersThatAreStillSending() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        int delivered = 0;
        for (int i = 0; i < CLIENTS; i++) {
            RecordingListener each = new RecordingListener();
            PeerWire wire = host.wire();
            Session session = add(wire, each);
            Await.until("it was opened", () -> each.opened.get() == 1);
            AtomicBoolean done = new AtomicBoolean();
            Future<?> sending = Threads.start(() -> sendUntil(wire, done));
            Await.until("the peer is sending", () -> each.receivedBytes.get() > 10_000);
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
                assertEquals(OfferResult.QUEUED, send(session, message));
            }
            session.close();
            byte[] bytes = readOrReset(wire);
            done.set(true);
            Threads.join(sending);
            wire.leave();
            if (bytes.length == LENGTH) {
                NumberedMessages.requireMessages(bytes, 1, LENGTH);
                delivered++;
            }
            Await.until("onClosed was called", each::isClosed);
            each.requireOrder();
            assertNull(each.cause);
        }
        assertEquals(CLIENTS, delivered, "peers that got the last words");
    }

    /** Sends until {@code done} is set, or until the connection fails. */
    private static boolean sendUntil(PeerWire wire, AtomicBoolean done) {
        ByteBuffer bytes = ByteBuffer.allocate(4_096);
        while (!done.get()) {
            bytes.clear();
            try {
                if (((WritableByteChannel) wire.peer()).write(bytes) == 0) {
                    LockSupport.parkNanos(20_000);
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    /** Reads late, as a peer that sends before it reads; what a reset discarded is missing. */
    private static byte[] readOrReset(PeerWire wire) throws Exception {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        return wire.readToTheEnd(LENGTH);
    }

    @Test
    void shouldEndWithinTheCloseTimeoutThoughThePeerNeverEndsItsOutput() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        long start = System.nanoTime();
        session.close(Duration.ofMillis(200));
        awaitClosed();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 600, () -> "it took " + millis + " ms");
        assertNull(listener.cause, "all was written in time");
    }

    @Test
    void shouldEndWithinTheTimeOfASecondCloseThoughThePeerNeverEndsItsOutput() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.close();
        assertEquals(0, wire.readToTheEnd(0).length, "it waits for the peer's end from now on");
        long start = System.nanoTime();
        session.close(Duration.ofMillis(100));
        awaitClosed();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 500, () -> "it took " + millis + " ms");
        assertNull(listener.cause, "all was written in time");
    }

    @Test
    void shouldEndAsSoonAsThePeerEndsWhatItSends() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.close();
        assertEquals(0, wire.readToTheEnd(0).length, "our end comes first");
        long start = System.nanoTime();
        wire.leave();
        awaitClosed();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 500, () -> "it took " + millis + " ms");
        assertNull(listener.cause);
    }

    @Test
    void shouldNotNotifyOfTheInputThatItDiscardsWhileItCloses() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.close();
        assertEquals(0, wire.readToTheEnd(0).length);
        wire.write(new byte[100]);
        wire.leave();
        awaitClosed();
        assertEquals(0, listener.receivedBytes.get());
        assertNull(listener.cause);
    }

    // ---- closing what is not connected yet

    @Test
    void shouldEndAtOnceWithoutACauseWhenItIsClosedWhileItConnects() throws Exception {
        Assumptions.assumeTrue(
                kind.wiring == Wiring.TCP && kind.connectsLater(), "closes while it connects to an internet address");
        try (FullBacklog server = FullBacklog.tcp()) {
            Session session = connect(server.address(), listener);
            long start = System.nanoTime();
            session.close();
            awaitClosed();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertTrue(millis < 1_000, () -> "it took " + millis + " ms");
            assertNull(listener.cause);
            assertEquals(0, listener.opened.get());
        }
    }

    /**
     * What is queued waits for the connection as long as a close may take; then the session reports what was not
     * written.
     */
    @Test
    void shouldSayThatItDidNotConnectWhenItIsClosedWithSomethingQueued() throws Exception {
        Assumptions.assumeTrue(
                kind.wiring == Wiring.TCP && kind.connectsLater(), "closes while it connects to an internet address");
        try (FullBacklog server = FullBacklog.tcp()) {
            Session session = connect(server.address(), listener);
            queueAll(session, 2);
            session.close(Duration.ofMillis(300));
            awaitClosed();
            assertInstanceOf(SocketTimeoutException.class, listener.cause);
            assertEquals(2L * LENGTH, lostBytes(session));
            assertEquals(2, lostMessages(session));
            assertEquals(0, listener.opened.get());
        }
    }

    @Test
    void shouldGiveUpToConnectWhenTheBacklogOfAServerStaysFull() throws Exception {
        Assumptions.assumeTrue(kind.connects(), "a pipe is not connected");
        Duration timeout = Duration.ofMillis(500);
        restart(new HostSettings().connectTimeout(timeout));
        try (FullBacklog server = kind.wiring == Wiring.UNIX ? FullBacklog.unix() : FullBacklog.tcp()) {
            long start = System.nanoTime();
            AtomicReference<@Nullable Throwable> cause = new AtomicReference<>();
            Future<?> connecting = Threads.start(() -> {
                try {
                    connect(server.address(), listener);
                    awaitClosed();
                    cause.set(listener.cause);
                } catch (IOException e) {
                    cause.set(e);
                }
                return true;
            });
            connecting.get(10, TimeUnit.SECONDS);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertInstanceOf(SocketTimeoutException.class, cause.get());
            assertTrue(millis >= 490 && millis < 1_000, () -> "it took " + millis + " ms");
            assertEquals(0, host.sessionCount());
            assertEquals(0, listener.opened.get());
        }
    }

    @Test
    void shouldConnectWhenAPlaceInTheBacklogBecomesFree() throws Exception {
        Assumptions.assumeTrue(kind.wiring == Wiring.UNIX, "fills the backlog of a Unix-domain socket");
        try (FullBacklog server = FullBacklog.unix()) {
            Future<Session> connecting = Threads.start(() -> connect(server.address(), listener));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            assertEquals(0, listener.opened.get() + listener.closed.get(), () -> "cause: " + listener.cause);
            server.acceptAll();
            Threads.join(connecting);
            awaitOpened();
        }
    }

    // ---- what onClosed knows

    @Test
    void shouldKnowItsPeerInItsLastCallbackAndAfterIt() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        AtomicReference<@Nullable SocketAddress> inEnd = new AtomicReference<>();
        AtomicReference<@Nullable String> text = new AtomicReference<>();
        RecordingListener asking = new RecordingListener() {
            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                inEnd.set(session.remoteAddress());
                text.set(session.toString());
                super.onClosed(session, cause);
            }
        };
        PeerWire wire = host.wire();
        Session session = add(wire, asking);
        Await.until("it was opened", () -> asking.opened.get() == 1);
        SocketAddress peer = session.remoteAddress();
        assertNotNull(peer);
        wire.reset();
        Await.until("onClosed was called", asking::isClosed);
        assertEquals(peer, inEnd.get());
        assertEquals(peer, session.remoteAddress());
        assertTrue(String.valueOf(text.get()).contains(peer.toString()), text::get);
        assertTrue(session.toString().contains(peer.toString()), session::toString);
    }

    /** The address was not asked for while the session was open. */
    @Test
    void shouldKnowThePeerThatNoCallerAskedForBefore() throws Exception {
        Assumptions.assumeTrue(kind.wiring == Wiring.TCP, "connects to an internet address");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        session.abort();
        awaitClosed();
        SocketAddress peer = ((SocketChannel) wire.peer()).getLocalAddress();
        assertEquals(peer, session.remoteAddress());
    }

    @Test
    void shouldKnowWhereItWasToConnectWhenThatFails() throws Exception {
        Assumptions.assumeTrue(
                kind.wiring == Wiring.TCP && kind.connectsLater(), "closes while it connects to an internet address");
        InetSocketAddress noServer;
        try (var server = Loopback.listen(1)) {
            noServer = (InetSocketAddress) server.getLocalAddress();
        }
        Session session = connect(noServer, listener);
        awaitClosed();
        assertEquals(noServer, session.remoteAddress());
    }

    @Test
    void shouldSayHowMuchWasNotWritten() throws Exception {
        Assumptions.assumeTrue(how == Sending.QUEUE, "the queue alone counts exactly, a log whole messages");
        AtomicLong bytes = new AtomicLong(-1);
        AtomicLong messages = new AtomicLong(-1);
        RecordingListener asking = new RecordingListener() {
            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                bytes.set(session.unwrittenBytes());
                messages.set(session.unwrittenMessages());
                super.onClosed(session, cause);
            }
        };
        PeerWire wire = host.wire();
        Session session = add(wire, asking);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        Await.until("nothing moves", new Still(session)::isReached);
        session.abort();
        Await.until("onClosed was called", asking::isClosed);
        Threads.join(flush);
        long missing = (long) BACKLOG * LENGTH - wire.readToTheEnd(BACKLOG * LENGTH).length;
        // A waiting write that is cut short does not report how much of it the kernel had taken.
        boolean exact = kind == SessionKind.LOOP || kind == SessionKind.LOOP_INLINE || kind == SessionKind.LOOP_GROUP;
        long held = kind.wiring == Wiring.TLS ? 17 << 10 : 0; // a record that its layer took, and the socket did not
        assertTrue(bytes.get() >= missing - held, () -> "missing: " + missing + ", said: " + bytes);
        assertTrue(
                bytes.get() <= (exact ? missing : BACKLOG * LENGTH), () -> "missing: " + missing + ", said: " + bytes);
        if (exact) {
            assertEquals(bytes.get(), session.unwrittenBytes());
            assertEquals(messages.get(), session.unwrittenMessages());
        }
        Await.until("the last write returned", () -> pool.stats().outstandingBuffers() == 0);
        long last = session.unwrittenBytes();
        assertTrue(last >= missing - held && last <= bytes.get(), () -> "in onClosed: " + bytes + ", finally: " + last);
        assertEquals((last + LENGTH - 1) / LENGTH, session.unwrittenMessages(), "messages not written completely");
    }

    @Test
    void shouldHaveLostNothingWhenAllWasWritten() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        queueAll(session, 10);
        session.close();
        NumberedMessages.requireMessages(wire.readToTheEnd(10 * LENGTH), 10, LENGTH);
        wire.leave();
        awaitClosed();
        requireNothingLost(session);
    }

    private void requireNothingLost(Session session) {
        assertEquals(0, lostBytes(session));
        assertEquals(0, lostMessages(session));
    }
}
