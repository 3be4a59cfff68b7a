/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.ReleaseListener;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.Wiring;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
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
 * The contract of every kind of session: whatever fails, it ends once with the cause, and nothing stays outstanding.
 */
@Tag("slow")
@Timeout(60)
@ParameterizedClass
@MethodSource("io.sendbuffer.session.contract.Way#all")
class ContractFailureIT extends ContractTest {
    private static final int BACKLOG = 300;

    ContractFailureIT(Way way) {
        super(way);
    }

    @Test
    void shouldEndWithTheErrorWhenThePeerResetsDuringABacklog() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        wire.reset();
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
        Threads.join(flush);
    }

    @Test
    void shouldEndWithTheErrorWhenThePeerLeavesWhileItIsSentTo() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> sending = Threads.start(() -> {
            for (int number = 0; sendOne(session, number) != OfferResult.CLOSED; number++) {}
            return true;
        });
        wire.readFully(LENGTH);
        wire.leave();
        Threads.join(sending);
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
    }

    @Test
    void shouldEndWhenThePeerEndsItsOutput() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        add(wire, listener);
        wire.endOutput();
        awaitClosed();
        assertInstanceOf(EOFException.class, listener.cause);
        assertEquals(1, listener.inputEnded.get());
    }

    @Test
    void shouldKeepSendingToAPeerThatEndedItsOutputWhenKept() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        listener.keepsOutput = true;
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        wire.endOutput();
        Await.until("the end of the input was notified", () -> listener.inputEnded.get() == 1);
        queueAll(session, BACKLOG);
        Future<?> flush = startFlush(session);
        NumberedMessages.requireMessages(wire.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
        Threads.join(flush);
        assertFalse(listener.isClosed());
        session.close();
        awaitClosed();
        assertNull(listener.cause);
    }

    @Test
    void shouldEndWithACauseWhenItsChannelIsClosedUnderneath() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        wire.ours.close();
        awaitClosed(); // found without a send
        assertInstanceOf(IOException.class, listener.cause);
        assertEquals(OfferResult.CLOSED, sendOne(session, 0));
    }

    @Test
    void shouldEndWithACauseWhenItsChannelIsClosedUnderneathAndNoThreadReadsIt() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        listener.keepsOutput = true;
        PeerWire wire = host.wire();
        add(wire, listener);
        wire.endOutput();
        Await.until("the end of the input was notified", () -> listener.inputEnded.get() == 1);
        wire.ours.close();
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
    }

    @Test
    void shouldEndWithACauseWhenItsChannelIsClosedDuringABacklog() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        wire.ours.close();
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
        Threads.join(flush);
    }

    @Test
    void shouldEndWithATimeoutWhenThePeerTakesNothingForLong() throws Exception {
        restart(new HostSettings().writeTimeout(Duration.ofMillis(200)));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        awaitClosed();
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
        Threads.join(flush);
    }

    @Test
    void shouldNotTimeOutWhileThePeerTakesALittleOccasionally() throws Exception {
        restart(new HostSettings().writeTimeout(Duration.ofSeconds(1)));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        ByteBuffer bytes = ByteBuffer.allocate(BACKLOG * LENGTH);
        long start = System.nanoTime();
        AtomicInteger steps = new AtomicInteger();
        Await.until("a slow peer got it all", () -> {
            // One step every 30 ms, so that the whole takes longer than the timeout.
            long due = (System.nanoTime() - start) / Duration.ofMillis(30).toNanos();
            if (steps.get() < due) {
                steps.incrementAndGet();
                bytes.limit(Math.min(bytes.capacity(), bytes.position() + 4 * LENGTH));
                assertTrue(wire.read(bytes) >= 0, () -> "it ended with " + listener.cause);
            }
            return bytes.position() == bytes.capacity();
        });
        NumberedMessages.requireMessages(bytes.array(), BACKLOG, LENGTH);
        Threads.join(flush);
        assertFalse(session.isClosed());
    }

    @Test
    void shouldEndWithTheExceptionOfACallback() throws Exception {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        RecordingListener throwing = new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                throw thrown;
            }
        };
        add(host.wire(), throwing);
        Await.until("onClosed was called", throwing::isClosed);
        throwing.requireOrder();
        assertSame(thrown, throwing.cause);
    }

    @Test
    void shouldEndWithTheExceptionOfACallbackThatReceives() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        IllegalStateException thrown = new IllegalStateException("on purpose");
        RecordingListener throwing = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                throw thrown;
            }
        };
        PeerWire wire = host.wire();
        add(wire, throwing);
        wire.write(new byte[] {1});
        Await.until("onClosed was called", throwing::isClosed);
        throwing.requireOrder();
        assertSame(thrown, throwing.cause);
        assertEquals(1, throwing.receivedBytes.get());
    }

    @Test
    void shouldReportWhatTheLastCallbackThrows() throws Exception {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        RecordingListener throwing = new RecordingListener() {
            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                super.onClosed(session, cause);
                throw thrown;
            }
        };
        Session session = add(host.wire(), throwing);
        session.abort();
        Await.until("it was reported", () -> host.settings().errors.contains(thrown));
        host.settings().errors.clear();
        throwing.requireOrder();
    }

    @Test
    void shouldSayWhatBecameOfTheChannelWhenASenderIsInterrupted() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        AtomicReference<Thread> sender = new AtomicReference<>();
        Future<Boolean> sending = Threads.start(() -> {
            sender.set(Thread.currentThread());
            for (int number = 0; number < BACKLOG; number++) {
                sendOne(session, number);
            }
            Await.until("it is interrupted", () -> Thread.currentThread().isInterrupted());
            return Thread.interrupted();
        });
        awaitStuck(session);
        Thread thread = sender.get();
        assertNotNull(thread);
        if (kind.interruptsCloseChannel()) {
            // More than once: an interrupt between two writes closes nothing.
            Await.until("onClosed was called", listener::isClosed, () -> {
                thread.interrupt();
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            });
            awaitClosed();
            assertInstanceOf(ClosedByInterruptException.class, listener.cause);
            assertTrue(Threads.join(sending), "the thread stays interrupted");
        } else {
            thread.interrupt();
            NumberedMessages.requireMessages(wire.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
            assertTrue(Threads.join(sending), "the thread stays interrupted");
            assertFalse(session.isClosed());
        }
    }

    /** The peer reads nothing, so finally nothing moves. */
    private void awaitStuck(Session session) throws Exception {
        long[] seen = {0, 0};
        Await.until("something waits for the peer", () -> {
            boolean same = waitingBytes(session) > 0 && waitingBytes(session) == seen[0];
            seen[1] = same ? seen[1] + 1 : 0;
            seen[0] = waitingBytes(session);
            return seen[1] > 1_000;
        });
    }

    @Test
    void shouldSendEverythingForAThreadThatWasInterruptedBefore() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        Future<Boolean> sending = Threads.start(() -> {
            Thread.currentThread().interrupt();
            sendOne(session, 0);
            return Thread.interrupted();
        });
        NumberedMessages.requireMessages(wire.readFully(LENGTH), 1, LENGTH);
        assertTrue(Threads.join(sending), "the thread stays interrupted");
        assertFalse(session.isClosed());
    }

    @Test
    void shouldReportWhatAReleaseListenerThrowsAndContinue() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        AtomicInteger notified = new AtomicInteger();
        ReleaseListener throwing = unwritten -> {
            notified.incrementAndGet();
            throw new IllegalStateException("on purpose");
        };
        for (int number = 0; number < 3; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                send(session, message.onRelease(throwing));
            }
        }
        NumberedMessages.requireMessages(wire.readFully(3 * LENGTH), 3, LENGTH);
        Await.until("each was notified", () -> notified.get() == 3);
        assertFalse(session.isClosed());
    }

    @Test
    void shouldEndWithTheCauseWhenNoServerListensWhereItConnectsTo() throws Exception {
        Assumptions.assumeTrue(kind.wiring == Wiring.TCP, "connects to an internet address");
        InetSocketAddress noServer;
        try (var server = Loopback.listen(1)) {
            noServer = (InetSocketAddress) server.getLocalAddress();
        }
        try {
            connect(noServer, listener);
        } catch (IOException e) {
            assertEquals(0, host.sessionCount(), "the exception notifies the caller of connect");
            return;
        }
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
        assertEquals(0, listener.opened.get());
    }

    private OfferResult sendOne(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            return send(session, message);
        }
    }
}
