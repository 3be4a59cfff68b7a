/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.FullBacklog;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.Wiring;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every kind of session: it ends its output alone, and receives on until the peer ends as well. */
@Tag("slow")
@Timeout(60)
@ParameterizedClass
@MethodSource("io.sendbuffer.session.contract.Way#all")
class ContractHalfCloseIT extends ContractTest {
    private static final int BACKLOG = 150;

    ContractHalfCloseIT(Way way) {
        super(way);
    }

    private void requireSocket() {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
    }

    private void requireEnded(Session session, PeerWire wire) throws Exception {
        wire.leave();
        awaitClosed();
        assertNull(listener.cause);
        assertTrue(session.isClosed());
        assertEquals(0, lostMessages(session));
    }

    private void requireRefused(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
            assertEquals(OfferResult.CLOSED, session.send(message));
            assertFalse(session.close(message, Duration.ofDays(1)), "too late for a goodbye");
        }
    }

    @Test
    void shouldWriteWhatIsQueuedAndReceiveUntilThePeerEnds() throws Exception {
        requireSocket();
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);

        session.shutdownOutput();
        session.shutdownOutput();

        NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        Threads.join(flush);
        assertFalse(session.isWritable());
        long start = System.nanoTime();
        for (int sent = 1; System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(1_300); sent++) {
            wire.write(new byte[] {1});
            int all = sent;
            Await.until("it was received", () -> listener.receivedBytes.get() == all);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)); // longer than any wait for the rest of the input
        }
        assertFalse(session.isClosed());
        assertEquals(0, listener.inputEnded.get());
        requireEnded(session, wire);
        assertEquals(1, listener.inputEnded.get(), "it is notified of the end of what it received");
    }

    @Test
    void shouldRefuseWhatIsSentAfterIt() throws Exception {
        requireSocket();
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        queueAll(session, 2);
        session.shutdownOutput();
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
            assertEquals(OfferResult.CLOSED, session.send(message));
        }
        NumberedMessages.requireMessages(wire.readToTheEnd(2 * LENGTH), 2, LENGTH);
        requireEnded(session, wire);
    }

    @Test
    void shouldEndWithoutACauseWhenThePeerEndsWhileItWrites() throws Exception {
        requireSocket();
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        session.shutdownOutput();
        wire.endOutput();
        NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        awaitClosed();
        assertNull(listener.cause);
        assertEquals(1, listener.inputEnded.get());
        Threads.join(flush);
    }

    @Test
    void shouldEndWhenThePeerHadEndedBefore() throws Exception {
        requireSocket();
        listener.keepsOutput = true;
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        wire.endOutput();
        Await.until("the end of the input was notified", () -> listener.inputEnded.get() == 1);
        queueAll(session, 2);
        session.shutdownOutput();
        NumberedMessages.requireMessages(wire.readToTheEnd(2 * LENGTH), 2, LENGTH);
        awaitClosed();
        assertNull(listener.cause);
        assertEquals(1, listener.inputEnded.get());
    }

    @Test
    void shouldDropWhatComesInOnceItIsClosed() throws Exception {
        requireSocket();
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.shutdownOutput();
        assertEquals(0, wire.readToTheEnd(0).length);
        wire.write(new byte[10]);
        Await.until("it was received", () -> listener.receivedBytes.get() == 10);
        requireRefused(session);
        wire.write(new byte[10]);
        wire.leave();
        awaitClosed();
        assertEquals(10, listener.receivedBytes.get(), "what comes after the close is dropped");
        assertEquals(0, listener.inputEnded.get());
        assertNull(listener.cause);
    }

    @Test
    void shouldCloseWhatIsHalfClosedInTime() throws Exception {
        requireSocket();
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.shutdownOutput();
        assertEquals(0, wire.readToTheEnd(0).length);
        long start = System.nanoTime();
        session.close();
        awaitClosed();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 1_500, () -> "it took " + millis + " ms");
        assertNull(listener.cause);
    }

    @Test
    void shouldAbortWhatIsHalfClosed() throws Exception {
        requireSocket();
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        session.shutdownOutput();
        assertEquals(0, wire.readToTheEnd(0).length);
        IllegalStateException cause = new IllegalStateException("expected");
        session.abort(cause);
        session.shutdownOutput();
        awaitClosed();
        assertSame(cause, listener.cause);
    }

    @Test
    void shouldEndWithTheFailureOfItsInput() throws Exception {
        requireSocket();
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.shutdownOutput();
        assertEquals(0, wire.readToTheEnd(0).length);
        wire.reset();
        awaitClosed();
        boolean isReset = kind.wiring != Wiring.UNIX; // there a crash looks like an end
        assertEquals(isReset, listener.cause instanceof IOException);
        assertEquals(isReset ? 0 : 1, listener.inputEnded.get());
        assertTrue(session.isClosed());
    }

    @Test
    void shouldReceiveOnWhenItEndsItsOutputWithinACallback() throws Exception {
        requireSocket();
        RecordingListener ending = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                if (receivedBytes.get() == 1) {
                    queueAll(session, 1);
                    session.shutdownOutput();
                }
            }
        };
        PeerWire wire = host.wire();
        Session session = add(wire, ending);
        wire.write(new byte[1]);
        NumberedMessages.requireMessages(wire.readToTheEnd(LENGTH), 1, LENGTH);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300)); // longer than the wait for the rest of an input
        assertFalse(session.isClosed());
        wire.write(new byte[50]);
        wire.leave();
        Await.until("onClosed was called", ending::isClosed);
        assertEquals(51, ending.receivedBytes.get());
        assertEquals(1, ending.inputEnded.get());
        assertNull(ending.cause);
        ending.requireOrder();
    }

    @Test
    void shouldEndWithWhatACallbackThrowsAfterIt() throws Exception {
        requireSocket();
        IllegalStateException thrown = new IllegalStateException("expected");
        RecordingListener throwing = new RecordingListener() {
            @Override
            public boolean onInputEnded(Session session) {
                super.onInputEnded(session);
                throw thrown;
            }
        };
        PeerWire wire = host.wire();
        Session session = add(wire, throwing);
        session.shutdownOutput();
        assertEquals(0, wire.readToTheEnd(0).length);
        wire.leave();
        Await.until("onClosed was called", throwing::isClosed);
        assertSame(thrown, throwing.cause);
    }

    @Test
    void shouldEndItsOutputWhenItIsConnected() throws Exception {
        Assumptions.assumeTrue(kind.connectsLater() && kind.wiring != Wiring.TLS);
        try (FullBacklog server = kind.wiring == Wiring.UNIX ? FullBacklog.unix() : FullBacklog.tcp()) {
            Session session = connect(server.address(), listener);
            session.shutdownOutput();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            assertFalse(session.isClosed(), "its peer may have something for it");
            Await.until("it was opened", () -> listener.opened.get() == 1, server::acceptAll);
        }
        awaitClosed();
    }

    @Test
    void shouldRefuseToEndTheOutputOfWhatIsNoSocket() throws Exception {
        Assumptions.assumeFalse(kind.hasInput());
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        UnsupportedOperationException thrown =
                assertThrows(UnsupportedOperationException.class, session::shutdownOutput);
        assertNotNull(thrown.getMessage());
        queueAll(session, 1);
        session.close();
        NumberedMessages.requireMessages(wire.readToTheEnd(LENGTH), 1, LENGTH);
        awaitClosed();
    }

    @Test
    void shouldEndOnceWhoeverEndsItsHalves() throws Exception {
        requireSocket();
        for (int round = 0; round < 20; round++) {
            RecordingListener each = new RecordingListener();
            PeerWire wire = host.wire();
            Session session = add(wire, each);
            queueAll(session, 2);
            boolean closes = round % 2 == 0;
            Threads.runTogether(4, thread -> {
                switch (thread) {
                    case 0 -> session.shutdownOutput();
                    case 1 -> wire.endOutput();
                    case 2 -> {
                        if (closes) {
                            session.close();
                        }
                    }
                    default -> session.flush();
                }
            });
            NumberedMessages.requireMessages(wire.readToTheEnd(2 * LENGTH), 2, LENGTH);
            Await.until("onClosed was called", each::isClosed);
            each.requireOrder();
            wire.leave();
        }
    }
}
