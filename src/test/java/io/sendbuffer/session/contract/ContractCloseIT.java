/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.ReleaseCounter;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every kind of session: close writes what is queued, abort ends at once, both at any time. */
@Tag("slow")
@Timeout(60)
@ParameterizedClass
@MethodSource("io.sendbuffer.session.contract.Way#all")
class ContractCloseIT extends ContractTest {
    private static final int BACKLOG = 300;

    ContractCloseIT(Way way) {
        super(way);
    }

    @Test
    void shouldWriteWhatIsQueuedBeforeItCloses() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        queueAll(session, BACKLOG);

        session.close();

        requireRefused(session);
        NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        awaitClosed();
        assertNull(listener.cause);
        assertTrue(session.isClosed());
    }

    @Test
    void shouldWriteTheRestOfABacklogBeforeItCloses() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);

        session.close();

        assertFalse(listener.isClosed(), "the peer has not read it yet");
        NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        awaitClosed();
        assertNull(listener.cause);
        Threads.join(flush);
    }

    @Test
    void shouldCloseAtOnceWhenNothingIsQueued() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.close();
        awaitClosed();
        assertNull(listener.cause);
        assertEquals(0, wire.readToTheEnd(0).length);
    }

    @Test
    void shouldEndWithATimeoutWhenThePeerDoesNotTakeWhatIsQueued() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        ReleaseCounter done = new ReleaseCounter();
        for (int number = 0; number < BACKLOG; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                queue(session, message.onRelease(done));
            }
        }
        Future<?> flush = startFlush(session);

        session.close(Duration.ofMillis(200));

        awaitClosed();
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
        Threads.join(flush);
        Await.until("all is released", () -> done.released() == BACKLOG);
        assertTrue(lostBytes(session) > 0, "what was not written is reported");
        assertEquals(how != Sending.LOG, done.unwritten() > 0, "a log does not say what became of a message");
        requirePrefix(wire);
    }

    @Test
    void shouldAbortAtOnceWhateverIsQueued() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);

        session.abort();

        assertTrue(session.isClosed());
        requireRefused(session);
        awaitClosed();
        assertNull(listener.cause);
        Threads.join(flush);
        requirePrefix(wire);
    }

    @Test
    void shouldAbortWhatIsClosing() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        session.close();
        session.abort();
        session.close();
        awaitClosed();
        assertNull(listener.cause);
        Threads.join(flush);
        requirePrefix(wire);
    }

    @Test
    void shouldEndOnceWhicheverThreadClosesIt() throws Exception {
        for (int round = 0; round < 20; round++) {
            RecordingListener ofRound = new RecordingListener();
            PeerWire wire = host.wire();
            Session session = add(wire, ofRound);
            queueAll(session, 2);
            Threads.runTogether(4, thread -> {
                switch (thread) {
                    case 0 -> session.abort();
                    case 1 -> session.close();
                    case 2 -> session.close(Duration.ofMillis(1));
                    default -> session.flush();
                }
            });
            Await.until("onClosed was called", ofRound::isClosed);
            ofRound.requireOrder();
        }
    }

    @Test
    void shouldCloseFromWithinEveryCallback() throws Exception {
        RecordingListener closing = new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                session.close();
                session.close();
            }

            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                session.close();
                session.abort();
                super.onClosed(session, cause);
            }
        };
        add(host.wire(), closing);
        Await.until("onClosed was called", closing::isClosed);
        closing.requireOrder();
        assertNull(closing.cause);
    }

    @Test
    void shouldAnswerAndCloseFromWithinACallback() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        AtomicBoolean notifiedWithin = new AtomicBoolean();
        RecordingListener answering = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                queueAll(session, BACKLOG);
                session.close();
                notifiedWithin.set(isClosed());
            }
        };
        PeerWire wire = host.wire();
        add(wire, answering);
        wire.write(new byte[] {1});
        NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        Await.until("onClosed was called", answering::isClosed);
        answering.requireOrder();
        assertFalse(notifiedWithin.get(), "notified only after the callback");
        assertNull(answering.cause);
    }

    @Test
    void shouldAbortFromWithinACallback() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        AtomicBoolean notifiedWithin = new AtomicBoolean();
        RecordingListener aborting = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                session.abort();
                notifiedWithin.set(isClosed());
            }
        };
        PeerWire wire = host.wire();
        add(wire, aborting);
        wire.write(new byte[] {1});
        Await.until("onClosed was called", aborting::isClosed);
        aborting.requireOrder();
        assertFalse(notifiedWithin.get(), "notified only after the callback");
        assertEquals(1, aborting.receivedBytes.get());
    }

    @Test
    void shouldWriteEveryBacklogWhenAllIsClosed() throws Exception {
        PeerWire[] wires = {host.wire(), host.wire()};
        for (PeerWire wire : wires) {
            queueAll(add(wire, new RecordingListener()), BACKLOG);
        }
        Future<?> closing = Threads.start(() -> {
            host.closeSessions();
            return true;
        });
        for (PeerWire wire : wires) {
            NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        }
        Threads.join(closing);
        assertEquals(0, host.sessionCount());
        PeerWire late = host.wire();
        assertThrows(IllegalStateException.class, () -> add(late, listener));
    }

    @Test
    void shouldCloseAllInBoundedTimeWhenAPeerTakesNothing() throws Exception {
        restart(new HostSettings().closeTimeout(Duration.ofMillis(300)));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        long start = System.nanoTime();
        host.closeSessions();
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        assertTrue(millis < 5_000, "it took " + millis + " ms");
        awaitClosed();
        Threads.join(flush);
    }

    private void requireRefused(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
            assertEquals(OfferResult.CLOSED, session.send(message));
        }
    }

    /** What arrived is the start of the backlog: whole messages, the last one possibly cut short. */
    private static void requirePrefix(PeerWire wire) throws Exception {
        byte[] bytes = wire.readToTheEnd(BACKLOG * LENGTH);
        NumberedMessages.requireMessages(
                Arrays.copyOf(bytes, bytes.length / LENGTH * LENGTH), bytes.length / LENGTH, LENGTH);
        for (int at = bytes.length / LENGTH * LENGTH + Integer.BYTES; at < bytes.length; at++) {
            assertEquals((byte) (bytes.length / LENGTH + at % LENGTH), bytes[at], "byte " + at);
        }
    }
}
