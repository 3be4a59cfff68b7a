/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.FullBacklog;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.Wiring;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every kind of session: a goodbye gets through and is the last, and an abort may have a cause. */
@Tag("slow")
@Timeout(60)
@ParameterizedClass
@MethodSource("io.sendbuffer.session.contract.Way#all")
class ContractGoodbyeIT extends ContractTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int GOODBYE = -7;
    private static final int SHORT = 100;
    private static final int BACKLOG = 150;
    private static final int SENDERS = 2;

    ContractGoodbyeIT(Way way) {
        super(way);
    }

    private SendBuffer goodbye(int length) {
        return NumberedMessages.sealed(pool, GOODBYE, length);
    }

    private static void requireGoodbye(byte[] bytes, int length) {
        assertTrue(bytes.length >= length, () -> "only " + bytes.length + " bytes came");
        NumberedMessages.requireMessage(ByteBuffer.wrap(bytes, bytes.length - length, length), GOODBYE, length);
    }

    // ---- the goodbye

    @Test
    void shouldSendAGoodbyeThoughTheQueueIsFull() throws Exception {
        restart(new HostSettings().queueLimits(QueueLimits.ofBytes(1 << 20)));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        int accepted = 0;
        boolean refused = false;
        while (accepted < BACKLOG && !refused) {
            try (SendBuffer message = NumberedMessages.sealed(pool, accepted, LENGTH)) {
                refused = queue(session, message) != OfferResult.QUEUED;
                accepted += refused ? 0 : 1;
            }
        }
        assertTrue(refused || how != Sending.QUEUE, "the queue is full");

        try (SendBuffer last = goodbye(LENGTH)) {
            assertTrue(session.close(last));
            assertFalse(session.close(last), "one only");
            assertEquals(OfferResult.CLOSED, session.send(last));
        }

        byte[] bytes = wire.readToTheEnd((BACKLOG + 1) * LENGTH);
        requireGoodbye(bytes, LENGTH);
        NumberedMessages.requireMessages(Arrays.copyOf(bytes, bytes.length - LENGTH), accepted, LENGTH);
        awaitClosed();
        assertNull(listener.cause);
        assertEquals(0, lostMessages(session));
    }

    @Test
    void shouldMakeItTheLastWhateverOthersSend() throws Exception {
        for (int round = 0; round < 20; round++) {
            RecordingListener each = new RecordingListener();
            PeerWire wire = host.wire();
            Session session = add(wire, each);
            AtomicInteger sent = new AtomicInteger();
            Future<?> sending = Threads.start(() -> {
                Threads.runTogether(SENDERS, i -> sendUntilClosed(session, each, sent));
                return true;
            });
            Await.until("they send", () -> sent.get() > 10);
            try (SendBuffer last = goodbye(SHORT)) {
                assertTrue(session.close(last, LONG));
            }
            byte[] bytes = wire.readToTheEnd(8 << 20);
            requireGoodbye(bytes, SHORT);
            assertEquals(0, bytes.length % SHORT);
            for (int i = 0; i < bytes.length - SHORT; i += SHORT) {
                NumberedMessages.requireMessage(ByteBuffer.wrap(bytes, i, SHORT), 1, SHORT);
            }
            wire.leave();
            Await.until("onClosed was called", each::isClosed);
            Threads.join(sending);
            each.requireOrder();
            assertNull(each.cause);
        }
    }

    private void sendUntilClosed(Session session, RecordingListener each, AtomicInteger sent) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 1, SHORT)) {
            while (sent.get() < 20_000 && !each.isClosed()) { // a log accepts more, whatever its subscribers do
                if (send(session, message) == OfferResult.CLOSED) {
                    return;
                }
                sent.incrementAndGet();
            }
        }
    }

    @Test
    void shouldSayThatItIsTooLateForAGoodbye() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        session.close();
        try (SendBuffer last = goodbye(SHORT)) {
            assertFalse(session.close(last), "it closes already");
            NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
            awaitClosed();
            assertFalse(session.close(last), "it has ended");
            assertEquals(1, last.referenceCount());
        }
        Threads.join(flush);
    }

    @Test
    void shouldNotSendAGoodbyeForWhichThereIsNoTime() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        try (SendBuffer last = goodbye(SHORT)) {
            assertFalse(session.close(last, Duration.ZERO));
        }
        awaitClosed();
        assertNull(listener.cause);
        assertEquals(0, wire.readToTheEnd(SHORT).length);
    }

    @Test
    void shouldStayOpenIfTheGoodbyeIsNotSealed() throws Exception {
        Session session = add(host.wire(), listener);
        awaitOpened();
        SendBuffer open = pool.acquire(1);
        assertThrows(IllegalStateException.class, () -> session.close(open));
        assertThrows(IllegalStateException.class, () -> session.close(open, Duration.ZERO));
        open.release();
        assertThrows(IllegalStateException.class, () -> session.close(open));
        try (SendBuffer last = goodbye(SHORT)) {
            assertThrows(IllegalArgumentException.class, () -> session.close(last, Duration.ofDays(2)));
            assertFalse(session.isClosed());
            assertEquals(OfferResult.QUEUED, session.send(last));
        }
    }

    @Test
    void shouldCountAGoodbyeThatThePeerDidNotTake() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG * 2);
        try (SendBuffer last = goodbye(SHORT)) {
            assertTrue(session.close(last));
            session.abort();
            awaitClosed();
            Threads.join(flush);
            Await.until("it came back", () -> last.referenceCount() == 1);
        }
        assertTrue(session.unwrittenMessages() > 0);
        assertNull(listener.cause);
    }

    @Test
    void shouldSendTheValuesThatAreMarkedBeforeTheGoodbye() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        session.pullFrom(key -> NumberedMessages.sealed(pool, key, LENGTH), 3);
        for (int key = 0; key < 3; key++) {
            session.mark(key);
        }
        try (SendBuffer last = goodbye(SHORT)) {
            assertTrue(session.close(last));
        }
        assertFalse(session.mark(1));
        byte[] bytes = wire.readToTheEnd(3 * LENGTH + SHORT);
        requireGoodbye(bytes, SHORT);
        NumberedMessages.requireMessages(Arrays.copyOf(bytes, bytes.length - SHORT), 3, LENGTH);
        awaitClosed();
    }

    @Test
    void shouldSendTheGoodbyeFromWithinEveryCallback() throws Exception {
        RecordingListener closing = new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                try (SendBuffer last = goodbye(SHORT)) {
                    assertTrue(session.close(last));
                }
            }
        };
        PeerWire wire = host.wire();
        add(wire, closing);
        requireGoodbye(wire.readToTheEnd(SHORT), SHORT);
        wire.leave();
        Await.until("onClosed was called", closing::isClosed);
        closing.requireOrder();
        assertNull(closing.cause);
    }

    @Test
    void shouldSendTheGoodbyeWhenItIsConnected() throws Exception {
        Assumptions.assumeTrue(kind.wiring != Wiring.TLS, "that server has no TLS");
        Assumptions.assumeTrue(kind.connectsLater());
        try (FullBacklog server = kind.wiring == Wiring.UNIX ? FullBacklog.unix() : FullBacklog.tcp()) {
            Session session = connect(server.address(), listener);
            try (SendBuffer last = goodbye(SHORT)) {
                assertTrue(session.close(last, LONG));
            }
            assertFalse(session.isClosed(), "the goodbye waits");
            Await.until(
                    "it was written",
                    () -> session.stats().writtenMessages() == 1 || session.isClosed(),
                    server::acceptAll);
            assertEquals(1, session.stats().writtenMessages());
        }
        awaitClosed();
    }

    // ---- the goodbye of a group

    @Test
    void shouldSendOneGoodbyeToAllMembers() throws Exception {
        SessionGroup group = new SessionGroup();
        PeerWire[] wires = {host.wire(), host.wire(), host.wire()};
        RecordingListener[] listeners = {
            new RecordingListener(), new RecordingListener(), new RecordingListener(), new RecordingListener()
        };
        for (int i = 0; i < wires.length; i++) {
            group.add(add(wires[i], listeners[i]));
        }
        PeerWire closing = host.wire();
        Session closes = add(closing, listeners[wires.length]);
        group.add(closes);
        Future<?> flush = startBacklog(closes, closing, BACKLOG);
        closes.close(LONG);
        try (SendBuffer last = goodbye(SHORT)) {
            assertEquals(wires.length, group.close(last, LONG), "one closes already");
            assertEquals(0, group.broadcast(last));
        }
        for (PeerWire wire : wires) {
            requireGoodbye(wire.readToTheEnd(SHORT), SHORT);
            wire.leave();
        }
        NumberedMessages.requireMessages(closing.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        closing.leave();
        Threads.join(flush);
        for (RecordingListener each : listeners) {
            Await.until("onClosed was called", each::isClosed);
            assertNull(each.cause);
        }
        assertEquals(0, group.size());
    }

    // ---- an abort with a cause

    @Test
    void shouldEndAtOnceWithTheCauseOfAnAbort() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        IllegalStateException cause = new IllegalStateException("expected: a violation of the protocol");
        session.abort(cause);
        assertTrue(session.isClosed());
        session.abort(new IllegalStateException("not the first"));
        session.abort();
        awaitClosed();
        assertSame(cause, listener.cause);
        Threads.join(flush);
    }

    @Test
    void shouldAbortWhatClosesWithACause() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        IllegalStateException cause = new IllegalStateException("expected");
        try (SendBuffer last = goodbye(SHORT)) {
            session.close(last);
            session.abort(cause);
            assertFalse(session.close(last));
        }
        awaitClosed();
        assertSame(cause, listener.cause);
        Threads.join(flush);
    }

    @Test
    void shouldReportTheCauseOfAnAbortThatNoListenerHears() throws Exception {
        Session session = add(host.wire(), new SessionListener() {});
        IllegalStateException cause = new IllegalStateException("expected");
        session.abort(cause);
        Await.until("it was reported", () -> !host.settings().errors.isEmpty());
        assertSame(cause, host.settings().errors.remove(0));
    }

    @Test
    void shouldEndOnceWhoeverSaysGoodbyeOrAborts() throws Exception {
        IllegalStateException cause = new IllegalStateException("expected");
        for (int round = 0; round < 20; round++) {
            RecordingListener each = new RecordingListener();
            PeerWire wire = host.wire();
            Session session = add(wire, each);
            queueAll(session, 2);
            SendBuffer last = goodbye(SHORT);
            AtomicInteger accepted = new AtomicInteger();
            Threads.runTogether(4, thread -> {
                switch (thread) {
                    case 0 -> session.abort(cause);
                    case 1 -> session.close();
                    case 2 -> accepted.addAndGet(session.close(last) ? 1 : 0);
                    default -> session.flush();
                }
            });
            Await.until("onClosed was called", each::isClosed);
            each.requireOrder();
            Await.until("it came back", () -> last.referenceCount() == 1);
            last.release();
            assertTrue(accepted.get() <= 1);
            wire.leave();
        }
    }
}
