/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static io.sendbuffer.ThrownText.assertSays;
import static io.sendbuffer.session.contract.ContractClocksIT.requireWithin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.IdleTimeoutException;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.ReadTimeoutException;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: silence ends it in time, or brings a heartbeat. */
@Tag("slow")
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractSilenceIT extends ContractTest {
    private static final Duration TIMEOUT = Duration.ofMillis(200);

    /** For those that must not end early on a busy machine. */
    private static final Duration LONG = Duration.ofMillis(500);

    /** Between what happens and what a test sees of it. */
    private static final int SEEN_LATE_MILLIS = 20;

    ContractSilenceIT(SessionKind kind) {
        super(kind);
    }

    private static HostSettings sleepy() {
        return new HostSettings().maxSelectTime(Duration.ofSeconds(1));
    }

    /** Knows when it was opened. */
    private static class Timed extends RecordingListener {
        volatile long openedNanos;

        @Override
        public void onOpened(Session session) {
            openedNanos = System.nanoTime();
            super.onOpened(session);
        }

        void awaitClosed() throws Exception {
            Await.until("onClosed was called", this::isClosed);
        }
    }

    private void requireInput() {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
    }

    private static void pause(Duration time) {
        long start = System.nanoTime();
        long left;
        while ((left = start + time.toNanos() - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    private void sendOne(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
    }

    // ---- the read timeout

    @Test
    void shouldEndInTimeWhenThePeerSendsNothing() throws Exception {
        requireInput();
        restart(sleepy().readTimeout(TIMEOUT));
        requireWithin(TIMEOUT, () -> {
            Timed each = new Timed();
            Session session = host.add(host.wire(), each);
            each.awaitClosed();
            long nanos = System.nanoTime() - each.openedNanos;
            assertSays(assertInstanceOf(ReadTimeoutException.class, each.cause), "the peer sent nothing for PT0.2S");
            assertEquals(TIMEOUT, session.readTimeout());
            return nanos;
        });
    }

    @Test
    void shouldCountTheReadTimeoutFromTheLastThatCameInWhateverIsSent() throws Exception {
        requireInput();
        restart(sleepy().readTimeout(LONG));
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        for (int i = 1; i <= 4; i++) {
            pause(LONG.dividedBy(3));
            wire.write(new byte[1]);
            int bytes = i;
            Await.until("it was received", () -> listener.receivedBytes.get() == bytes);
        }
        long start = System.nanoTime();
        Await.until("onClosed was called", listener::isClosed, () -> {
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
                session.send(message);
            }
            LockSupport.parkNanos(1_000_000);
        });
        assertInstanceOf(ReadTimeoutException.class, listener.cause);
        requireAbout(LONG, start);
    }

    /** Where the start is seen late. */
    private static void requireAbout(Duration time, long startNanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        assertTrue(millis >= time.toMillis() - SEEN_LATE_MILLIS, () -> "early, after " + millis + " ms");
        assertTrue(millis < time.toMillis() + SEEN_LATE_MILLIS + 500, () -> "late, after " + millis + " ms");
    }

    @Test
    void shouldHaveItsWholeReadTimeoutAgainWhenReadingIsResumed() throws Exception {
        requireInput();
        restart(sleepy().readTimeout(TIMEOUT));
        requireWithin(TIMEOUT, () -> {
            Timed each = new Timed() {
                @Override
                public void onOpened(Session session) {
                    super.onOpened(session);
                    session.pauseReading();
                }
            };
            Session session = host.add(host.wire(), each);
            pause(TIMEOUT.multipliedBy(3));
            assertFalse(each.isClosed(), "it was paused");
            long start = System.nanoTime();
            session.resumeReading();
            each.awaitClosed();
            assertInstanceOf(ReadTimeoutException.class, each.cause);
            return System.nanoTime() - start;
        });
    }

    @Test
    void shouldNotEndForSilenceOfAPeerThatHasEndedItsOutput() throws Exception {
        requireInput();
        restart(sleepy().readTimeout(TIMEOUT));
        listener.keepsOutput = true;
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        wire.endOutput();
        Await.until("the end of the input is known", () -> listener.inputEnded.get() == 1);
        pause(TIMEOUT.multipliedBy(3));
        assertFalse(session.isClosed());
        sendOne(session);
        wire.readFully(100);
    }

    @Test
    void shouldChangeItsReadTimeoutWhileItLives() throws Exception {
        requireInput();
        restart(sleepy());
        requireWithin(TIMEOUT, () -> {
            Timed each = new Timed();
            Session session = host.add(host.wire(), each);
            Await.until("it was opened", () -> each.opened.get() == 1);
            assertEquals(Duration.ZERO, session.readTimeout());
            session.readTimeout(Duration.ofHours(1));
            long start = System.nanoTime();
            session.readTimeout(TIMEOUT);
            each.awaitClosed();
            assertInstanceOf(ReadTimeoutException.class, each.cause);
            return System.nanoTime() - start;
        });
    }

    @Test
    void shouldHaveNoReadTimeoutWhereNothingIsRead() throws Exception {
        Assumptions.assumeTrue(!kind.hasInput(), "the others read");
        restart(sleepy().readTimeout(TIMEOUT));
        Session session = host.add(host.wire(), listener);
        pause(TIMEOUT.multipliedBy(3));
        assertFalse(session.isClosed());
    }

    // ---- the idle timeout

    @Test
    void shouldEndInTimeWhenNothingComesInOrGoesOut() throws Exception {
        restart(sleepy().idleTimeout(TIMEOUT));
        requireWithin(TIMEOUT, () -> {
            Timed each = new Timed();
            host.add(host.wire(), each);
            each.awaitClosed();
            long nanos = System.nanoTime() - each.openedNanos;
            assertSays(assertInstanceOf(IdleTimeoutException.class, each.cause), "came in or went out for PT0.2S");
            return nanos;
        });
    }

    /** The write is made a moment after the send, and the byte has arrived a moment before it is known. */
    @Test
    void shouldCountTheIdleTimeoutFromTheLastThatCameInOrWentOut() throws Exception {
        restart(sleepy().idleTimeout(LONG));
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        for (int i = 1; i <= 2; i++) {
            pause(LONG.dividedBy(3));
            sendOne(session);
            wire.readFully(100);
            pause(LONG.dividedBy(3));
            if (kind.hasInput()) {
                wire.write(new byte[1]);
                int bytes = i;
                Await.until("it was received", () -> listener.receivedBytes.get() == bytes);
            } else {
                sendOne(session);
                wire.readFully(100);
            }
        }
        long start = System.nanoTime();
        awaitClosed();
        assertInstanceOf(IdleTimeoutException.class, listener.cause);
        requireAbout(LONG, start);
    }

    @Test
    void shouldChangeItsIdleTimeoutWhileItLives() throws Exception {
        restart(sleepy().idleTimeout(Duration.ofHours(1)));
        requireWithin(TIMEOUT, () -> {
            Timed each = new Timed();
            Session session = host.add(host.wire(), each);
            Await.until("it was opened", () -> each.opened.get() == 1);
            assertEquals(Duration.ofHours(1), session.idleTimeout());
            long start = System.nanoTime();
            session.idleTimeout(TIMEOUT);
            each.awaitClosed();
            assertInstanceOf(IdleTimeoutException.class, each.cause);
            return System.nanoTime() - start;
        });
    }

    @Test
    void shouldLeaveASessionToItsCloseTimeoutOnceItCloses() throws Exception {
        requireInput();
        restart(sleepy());
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        var flush = startBacklog(session, wire, 300);
        session.readTimeout(TIMEOUT);
        session.idleTimeout(TIMEOUT);
        session.close(Duration.ofMillis(600));
        long start = System.nanoTime();
        awaitClosed();
        assertTrue(System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(500), () -> "early: " + listener.cause);
        assertTrue(String.valueOf(listener.cause).contains("closing took too long"), () -> "cause: " + listener.cause);
        flush.get();
    }

    @Test
    void shouldCheckItsTimeouts() throws Exception {
        Session session = host.add(host.wire(), listener);
        Duration tooLong = Duration.ofDays(2);
        assertThrows(IllegalArgumentException.class, () -> session.readTimeout(tooLong));
        assertThrows(IllegalArgumentException.class, () -> session.idleTimeout(Duration.ofNanos(-1)));
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100);
                SendBuffer open = pool.acquire(10)) {
            assertThrows(IllegalArgumentException.class, () -> session.heartbeat(message, tooLong));
            assertThrows(IllegalStateException.class, () -> session.heartbeat(open, TIMEOUT));
            assertThrows(IllegalArgumentException.class, () -> session.ping(message, tooLong));
            assertThrows(IllegalStateException.class, () -> session.ping(open, TIMEOUT));
        }
    }

    // ---- the heartbeat

    @Test
    void shouldSendTheHeartbeatInTimeWheneverNothingWasWritten() throws Exception {
        restart(sleepy());
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        try (SendBuffer ping = NumberedMessages.sealed(pool, 0, 100)) {
            sendOne(session);
            wire.readFully(100);
            long start = System.nanoTime();
            session.heartbeat(ping, TIMEOUT);
            for (int beats = 1; beats <= 5; beats++) {
                wire.readFully(100);
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                long due = beats * TIMEOUT.toMillis();
                assertTrue(millis >= due - SEEN_LATE_MILLIS, () -> "early, after " + millis + " of " + due + " ms");
                assertTrue(millis < due + 500, () -> "late, after " + millis + " of " + due + " ms");
            }
        }
    }

    @Test
    void shouldAskAPeerThatOnlyListensWhateverIsWrittenMeanwhile() throws Exception {
        requireInput();
        restart(sleepy());
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        long start;
        try (SendBuffer question = NumberedMessages.sealed(pool, 7, 100)) {
            start = System.nanoTime();
            session.ping(question, TIMEOUT);
        }
        for (int asked = 0; asked < 3; ) {
            try (SendBuffer news = NumberedMessages.sealed(pool, 1, 100)) {
                session.send(news);
            }
            asked += ByteBuffer.wrap(wire.readFully(100)).getInt() == 7 ? 1 : 0;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 3 * TIMEOUT.toMillis() - SEEN_LATE_MILLIS, () -> "early, after " + millis + " ms");
    }

    @Test
    void shouldAskNothingOfAPeerThatSpeaks() throws Exception {
        requireInput();
        restart(sleepy());
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        try (SendBuffer question = NumberedMessages.sealed(pool, 7, 100)) {
            session.ping(question, Duration.ofMillis(400));
        }
        for (int number = 0; number < 16; number++) {
            wire.write(new byte[1]);
            try (SendBuffer message = NumberedMessages.sealed(pool, number, 100)) {
                session.send(message);
            }
            pause(Duration.ofMillis(50));
        }
        NumberedMessages.requireMessages(wire.readFully(16 * 100), 16, 100);
    }

    @Test
    void shouldSendNoHeartbeatWhileSomethingElseIsWritten() throws Exception {
        restart(sleepy());
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        try (SendBuffer ping = NumberedMessages.sealed(pool, 7, 100)) {
            session.heartbeat(ping, Duration.ofMillis(400));
        }
        ByteBuffer all = ByteBuffer.allocate(4_000);
        for (int number = 0; number < 16; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, 100)) {
                session.send(message);
            }
            pause(Duration.ofMillis(50));
            wire.read(all);
        }
        Await.until("all arrived", () -> all.position() >= 16 * 100, () -> wire.read(all));
        assertEquals(16 * 100, all.position(), "a heartbeat came between");
    }

    @Test
    void shouldSendItsNewHeartbeatAndNoneWhenItIsTakenAway() throws Exception {
        restart(sleepy());
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        awaitOpened();
        SendBuffer first = NumberedMessages.sealed(pool, 1, 100);
        SendBuffer second = NumberedMessages.sealed(pool, 2, 100);
        session.heartbeat(first, Duration.ofHours(1));
        assertEquals(2, first.referenceCount());
        session.heartbeat(second, Duration.ofMillis(20));
        assertEquals(1, first.referenceCount());
        assertEquals(2, ByteBuffer.wrap(wire.readFully(100)).getInt());
        session.heartbeat(second, Duration.ZERO);
        Await.until("its last write is over", () -> second.referenceCount() == 1);
        first.release();
        second.release();
    }

    @Test
    void shouldReleaseTheHeartbeatWhenItEndsAndTakeNoneAfterwards() throws Exception {
        SendBuffer ping = NumberedMessages.sealed(pool, 0, 100);
        Session session = host.add(host.wire(), listener);
        session.heartbeat(ping, Duration.ofHours(1));
        assertEquals(2, ping.referenceCount());
        session.abort();
        awaitClosed();
        assertEquals(1, ping.referenceCount());
        session.heartbeat(ping, Duration.ofHours(1));
        assertEquals(1, ping.referenceCount());
        ping.release();
    }

    @Test
    void shouldKeepASessionThatSendsHeartbeatsFromBeingIdle() throws Exception {
        restart(sleepy().idleTimeout(Duration.ofMillis(800)));
        PeerWire wire = host.wire();
        Session session = host.add(wire, listener);
        try (SendBuffer ping = NumberedMessages.sealed(pool, 0, 100)) {
            session.heartbeat(ping, Duration.ofMillis(50));
        }
        wire.readFully(24 * 100);
        assertFalse(session.isClosed());
    }
}
