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

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogOverrunException;
import io.sendbuffer.LogRetention;
import io.sendbuffer.LogSnapshot;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.ReleaseCounter;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Subscription;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.FullBacklog;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import io.sendbuffer.session.Wiring;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of the kinds of session that subscribe to logs: what the end of one means for the other. */
@Timeout(60)
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "LOOP.*")
class ContractSubscriptionIT extends ContractTest {
    private static final int BACKLOG = 300;
    private static final long ALL_BYTES = (long) BACKLOG * LENGTH;

    private final BroadcastLog log = BroadcastLog.builder(pool).build();
    private final ReleaseCounter done = new ReleaseCounter();

    ContractSubscriptionIT(SessionKind kind) {
        super(kind);
    }

    @AfterEach
    void requireNothingIsRetained() {
        host.endPeers();
        host.close();
        assertEquals(0, log.stats().retainedMessages(), () -> "retained for no session: " + log);
        log.close();
    }

    private static Subscription subscribe(Session session, BroadcastLog to, OverrunPolicy policy) {
        Subscription place = session.subscribe(to, policy);
        assertNotNull(place);
        return place;
    }

    private void append(BroadcastLog to, int first, int count) {
        for (int number = first; number < first + count; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertTrue(to.append(message.onRelease(done)) >= 0);
            }
        }
    }

    private void sendOne(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
    }

    @Test
    void shouldWriteEverySubscriberTheSameAndReleaseItThen() throws Exception {
        PeerWire[] wires = {host.wire(), host.wire(), host.wire()};
        for (PeerWire wire : wires) {
            subscribe(host.add(wire, new RecordingListener()), log, OverrunPolicy.end());
        }
        append(log, 0, BACKLOG);
        for (PeerWire wire : wires) {
            NumberedMessages.requireMessages(wire.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
        }
        Await.until("each was released", () -> done.released() == BACKLOG);
        assertEquals(0, log.stats().retainedMessages());
    }

    @Test
    void shouldHaveNoSubscriptionOnceItCloses() throws Exception {
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        Subscription place = subscribe(session, log, OverrunPolicy.end());
        append(log, 0, BACKLOG);
        wire.awaitReadable();

        session.close();

        requireNoSubscription(session);
        NumberedMessages.requireMessages(wire.readToTheEnd(BACKLOG * LENGTH), BACKLOG, LENGTH);
        wire.leave();
        awaitClosed();
        requireNoSubscription(session);
        assertNull(listener.cause);
        assertEquals(BACKLOG, place.position());
    }

    private void requireNoSubscription(Session session) {
        assertNull(session.subscribe(log));
        assertNull(session.subscribe(log, OverrunPolicy.hold(), log.tailPosition()));
        assertNull(session.subscribe(log, OverrunPolicy.skip(), least -> {
            SendBuffer state = pool.acquire(1).putByte((byte) 1).seal();
            return new LogSnapshot(state, least);
        }));
    }

    @Test
    void shouldServeTheOthersWhenOneOfTheSubscribersFails() throws Exception {
        PeerWire failing = host.wire();
        PeerWire wire = host.wire();
        subscribe(host.add(failing, listener), log, OverrunPolicy.hold());
        Session other = host.add(wire, new RecordingListener());
        subscribe(other, log, OverrunPolicy.hold());
        append(log, 0, BACKLOG / 2);
        failing.awaitReadable();
        failing.reset();
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);

        append(log, BACKLOG / 2, BACKLOG / 2);

        NumberedMessages.requireMessages(wire.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
        Await.until("each was released", () -> done.released() == BACKLOG);
        assertFalse(other.isClosed());
    }

    @Test
    void shouldEndWithACauseWhenItSubscribesOverAChannelThatWasClosedUnderneath() throws Exception {
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        wire.ours.close();
        session.subscribe(log);
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
    }

    @Test
    void shouldWriteTheRestOfALogThatIsClosedAndStayOpen() throws Exception {
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        Subscription place = subscribe(session, log, OverrunPolicy.end());
        append(log, 0, BACKLOG);
        wire.awaitReadable();

        log.close();

        sendOne(session, BACKLOG);
        NumberedMessages.requireMessages(wire.readFully((BACKLOG + 1) * LENGTH), BACKLOG + 1, LENGTH);
        assertEquals(BACKLOG, place.position());
        assertNull(session.subscribe(log));
        assertFalse(session.isClosed());
        requireAnotherLogIsWritten(session, wire);
    }

    private void requireAnotherLogIsWritten(Session session, PeerWire wire) throws Exception {
        try (BroadcastLog another = BroadcastLog.builder(pool).build()) {
            subscribe(session, another, OverrunPolicy.end());
            append(another, 0, 10);
            NumberedMessages.requireMessages(wire.readFully(10 * LENGTH), 10, LENGTH);
            Await.until("each was released", () -> another.stats().retainedMessages() == 0);
        }
    }

    @Test
    void shouldEndASubscriptionAtTheEndOfAMessageAndContinueWithItsOwn() throws Exception {
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        Subscription place = subscribe(session, log, OverrunPolicy.end());
        append(log, 0, BACKLOG);
        wire.awaitReadable();

        place.close();

        sendOne(session, BACKLOG);
        int written = 0;
        for (int number = 0; number != BACKLOG; written++) {
            ByteBuffer message = ByteBuffer.wrap(wire.readFully(LENGTH));
            number = message.getInt(0);
            NumberedMessages.requireMessage(message, number == BACKLOG ? number : written, LENGTH);
        }
        assertTrue(written < BACKLOG, "the peer had not read it all");
        assertEquals(written - 1, place.position());
        Await.until("it has left", () -> done.released() == BACKLOG);
        assertFalse(session.isClosed());
    }

    @Test
    void shouldSayHowFarItCameWhenItIsAborted() throws Exception {
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        Subscription place = subscribe(session, log, OverrunPolicy.end());
        append(log, 0, BACKLOG);
        wire.awaitReadable();

        session.abort();

        awaitClosed();
        assertEquals(0, session.unwrittenBytes(), "the session accepted nothing itself");
        assertEquals(0, session.unwrittenMessages());
        byte[] arrived = wire.readToTheEnd(BACKLOG * LENGTH);
        int whole = arrived.length / LENGTH;
        NumberedMessages.requireMessages(Arrays.copyOf(arrived, whole * LENGTH), whole, LENGTH);
        assertEquals(BACKLOG - place.position(), place.lagInMessages());
        assertEquals(ALL_BYTES - place.position() * LENGTH, place.lagInBytes());
        assertTrue(place.position() * LENGTH >= arrived.length, () -> arrived.length + " bytes arrived of " + place);
        Await.until("each was released", () -> done.released() == BACKLOG);
    }

    @Test
    void shouldEndOnceWithTheGapWhenItIsOverrun() throws Exception {
        try (BroadcastLog small = small()) {
            PeerWire wire = host.wire();
            subscribe(host.add(wire, listener), small, OverrunPolicy.end());
            append(small, 0, BACKLOG);
            awaitClosed();
            LogOverrunException cause = assertInstanceOf(LogOverrunException.class, listener.cause);
            assertEquals(cause.gap().messages() * LENGTH, cause.gap().bytes());
            assertEquals(1, small.stats().ends());
            Await.until("each was released", () -> done.released() == BACKLOG);
        }
    }

    /** Retains far less than a backlog. */
    private BroadcastLog small() {
        return BroadcastLog.builder(pool)
                .retention(LogRetention.DEFAULT.withMaxMessages(4))
                .build();
    }

    @Test
    void shouldEndWithWhatTheNoticeOfAGapThrows() throws Exception {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        try (BroadcastLog small = small()) {
            PeerWire wire = host.wire();
            OverrunPolicy policy = OverrunPolicy.skip(gap -> {
                throw thrown;
            });
            subscribe(host.add(wire, listener), small, policy);
            append(small, 0, BACKLOG);
            Await.until("onClosed was called", listener::isClosed, () -> wire.read(ByteBuffer.allocate(LENGTH)));
            assertSame(thrown, listener.cause);
            assertEquals(1, small.stats().skips());
            Await.until("each was released", () -> done.released() == BACKLOG);
        }
    }

    // ---- what is not connected yet

    @Test
    void shouldWriteWhatWasAppendedWhileItConnectedBeforeItCloses() throws Exception {
        Assumptions.assumeTrue(kind.wiring != Wiring.TLS, "that server has no TLS");
        try (FullBacklog server = fullBacklog()) {
            Session session = host.connect(server.address(), listener);
            Subscription place = subscribe(session, log, OverrunPolicy.end());
            append(log, 0, 2);

            session.close();
            server.acceptAll();

            Await.until("it has ended", listener::isClosed, server::acceptAll);
            assertEquals(1, listener.opened.get());
            assertNull(listener.cause);
            assertEquals(2, place.position());
        }
    }

    @Test
    void shouldSayThatItDidNotConnectWhenItIsClosedBehindItsLog() throws Exception {
        try (FullBacklog server = fullBacklog()) {
            Session session = host.connect(server.address(), listener);
            Subscription place = subscribe(session, log, OverrunPolicy.end());
            append(log, 0, 2);

            session.close(Duration.ofMillis(300));

            awaitClosed();
            assertInstanceOf(SocketTimeoutException.class, listener.cause);
            assertEquals(2, place.lagInMessages());
            assertEquals(0, listener.opened.get());
        }
    }

    /** Nothing waits for the connection. */
    @Test
    void shouldEndAtOnceWhenItIsClosedWhileItConnectsAndIsNotBehind() throws Exception {
        try (FullBacklog server = fullBacklog()) {
            Session session = host.connect(server.address(), listener);
            subscribe(session, log, OverrunPolicy.end());
            long start = System.nanoTime();
            session.close();
            awaitClosed();
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            assertTrue(millis < 1_000, () -> "it took " + millis + " ms");
            assertNull(listener.cause);
        }
    }

    private FullBacklog fullBacklog() throws IOException {
        return kind.wiring == Wiring.UNIX ? FullBacklog.unix() : FullBacklog.tcp();
    }

    // ---- callbacks

    @Test
    void shouldSubscribeAndAppendFromWithinItsFirstCallback() throws Exception {
        PeerWire wire = host.wire();
        host.add(wire, new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                subscribe(session, log, OverrunPolicy.end());
                append(log, 0, 2);
                sendOne(session, 2);
                append(log, 3, 1);
                session.close();
            }
        });
        NumberedMessages.requireMessages(wire.readToTheEnd(4 * LENGTH), 4, LENGTH);
    }

    @Test
    void shouldHaveNoSubscriptionFromWithinItsLastCallback() throws Exception {
        Session session = host.add(host.wire(), new RecordingListener() {
            @Override
            public void onClosed(Session ended, @Nullable Throwable cause) {
                requireNoSubscription(ended);
                listener.onClosed(ended, cause);
            }
        });
        subscribe(session, log, OverrunPolicy.hold());
        append(log, 0, 2);
        session.abort();
        awaitClosed();
        Await.until("each was released", () -> done.released() == 2);
    }
}
