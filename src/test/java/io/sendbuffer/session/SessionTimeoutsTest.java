/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Conflation;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The clocks of a session, with a time set by the test. */
class SessionTimeoutsTest {
    private static final long MILLI = 1_000_000;

    private final SessionSettings settings = settings(Duration.ofMillis(50), Duration.ofMillis(70));
    private final SessionTimeouts timeouts = new SessionTimeouts(settings);
    private final long now = System.nanoTime();

    @Test
    void shouldBeInNoHurryWhenNothingIsGoingOn() {
        assertEquals(SessionTimeouts.NEVER, timeouts.nanosLeft(now));
        assertNull(timeouts.late(now + Duration.ofDays(1).toNanos()));
        assertFalse(timeouts.isStuck(now + Duration.ofDays(1).toNanos(), false, 0));
    }

    @Test
    void shouldEndAConnectThatTakesTooLong() {
        timeouts.connectWithin(settings.connectTimeout());
        long left = timeouts.nanosLeft(System.nanoTime());
        assertTrue(left <= 70 * MILLI, "left: " + left);
        assertNull(timeouts.late(now + 60 * MILLI));
        assertSays(lateAt(now + 10_000 * MILLI), "connecting, or the handshake of a layer, took longer than PT0.07S");
        timeouts.connected();
        assertNull(timeouts.late(now + 10_000 * MILLI));
        assertEquals(SessionTimeouts.NEVER, timeouts.nanosLeft(now));
    }

    @Test
    void shouldEndACloseAtItsEarliestTime() {
        assertTrue(timeouts.closeWithin(Duration.ofDays(1)));
        assertTrue(timeouts.closeWithin(Duration.ofMillis(20)));
        assertFalse(timeouts.closeWithin(Duration.ofDays(1)), "an earlier end counts already");
        assertNull(timeouts.late(now + 10 * MILLI));
        assertSays(lateAt(now + 10_000 * MILLI), "closing took too long");
    }

    @Test
    void shouldFindAPeerStuckThatTakesNothing() {
        assertFalse(timeouts.isStuck(now, true, 7));
        assertFalse(timeouts.isStuck(now + 49 * MILLI, true, 7));
        assertTrue(timeouts.nanosLeft(now + 49 * MILLI) <= MILLI + 1);
        assertTrue(timeouts.isStuck(now + 51 * MILLI, true, 7));
    }

    @Test
    void shouldGiveAPeerThatTakesEnoughANewWindow() {
        assertFalse(timeouts.isStuck(now, true, 0));
        assertFalse(timeouts.isStuck(now + 40 * MILLI, true, SessionTimeouts.MIN_PROGRESS_BYTES));
        assertFalse(timeouts.isStuck(now + 89 * MILLI, true, SessionTimeouts.MIN_PROGRESS_BYTES));
        assertTrue(timeouts.isStuck(now + 91 * MILLI, true, SessionTimeouts.MIN_PROGRESS_BYTES));
    }

    /** The peer reads in steps that the system reports late: one of them may take longer than the timeout. */
    @Test
    void shouldGiveAPeerThatWasSeenToReadTwiceTheTime() {
        SessionTimeouts ofASecond = new SessionTimeouts(settings(Duration.ofSeconds(1), Duration.ZERO));
        long step = SessionTimeouts.MIN_PROGRESS_BYTES;
        assertFalse(ofASecond.isStuck(now, true, 0));
        assertFalse(ofASecond.isStuck(now + 240 * MILLI, true, step), "the buffers fill");
        assertTrue(ofASecond.isStuck(now + 1_241 * MILLI, true, step));
        assertFalse(ofASecond.isStuck(now + 1_242 * MILLI, true, 2 * step), "the peer reads");
        assertFalse(ofASecond.isStuck(now + 3_240 * MILLI, true, 2 * step));
        assertTrue(ofASecond.nanosLeft(now + 3_240 * MILLI) <= 2 * MILLI + 1);
        assertTrue(ofASecond.isStuck(now + 3_243 * MILLI, true, 2 * step));
        assertSays(ofASecond.stuck(), "in PT2S");
    }

    @Test
    void shouldForgetThatAPeerReadWhenNothingWaitsToBeWritten() {
        SessionTimeouts ofASecond = new SessionTimeouts(settings(Duration.ofSeconds(1), Duration.ZERO));
        long step = SessionTimeouts.MIN_PROGRESS_BYTES;
        assertFalse(ofASecond.isStuck(now, true, 0));
        assertFalse(ofASecond.isStuck(now + 500 * MILLI, true, step));
        assertFalse(ofASecond.isStuck(now + 600 * MILLI, false, step));
        assertFalse(ofASecond.isStuck(now + 601 * MILLI, true, step));
        assertTrue(ofASecond.isStuck(now + 1_602 * MILLI, true, step));
    }

    /**
     * The first probe comes soon, later ones at growing intervals: what the buffers take meanwhile is not progress by
     * the peer.
     */
    @Test
    void shouldProbeWhatTheSocketTakesAfterAWriteBeganToWait() {
        assertFalse(timeouts.isProbeDue(now));
        assertFalse(timeouts.isStuck(now, true, 0));
        List<Integer> probes = new ArrayList<>();
        for (int milli = 0; milli < 1_000; milli++) {
            if (timeouts.isProbeDue(now + milli * MILLI)) {
                probes.add(milli);
            }
        }
        assertEquals(2, probes.size(), () -> "within 50 ms: " + probes);
        assertTrue(probes.get(0) >= 4 && probes.get(0) <= 5, probes::toString);
        assertTrue(probes.get(1) >= 16 && probes.get(1) <= 21, probes::toString);
        assertFalse(timeouts.isStuck(now + 1_000 * MILLI, false, 0));
        assertFalse(timeouts.isProbeDue(now + 2_000 * MILLI));
    }

    @Test
    void shouldNotLetAPeerLiveThatTakesAByteAtATime() {
        for (int i = 0; i <= 5; i++) {
            assertFalse(timeouts.isStuck(now + i * 9L * MILLI, true, i), "at " + i);
        }
        assertTrue(timeouts.isStuck(now + 51 * MILLI, true, 6));
    }

    @Test
    void shouldForgetAWindowWhenNothingWaitsToBeWritten() {
        assertFalse(timeouts.isStuck(now, true, 7));
        assertFalse(timeouts.isStuck(now + 90 * MILLI, false, 7));
        assertFalse(timeouts.isStuck(now + 91 * MILLI, true, 7));
        assertFalse(timeouts.isStuck(now + 140 * MILLI, true, 7));
        assertTrue(timeouts.isStuck(now + 142 * MILLI, true, 7));
    }

    @Test
    void shouldWaitForeverWithoutTimeouts() {
        SessionTimeouts patient = new SessionTimeouts(settings(Duration.ZERO, Duration.ZERO));
        patient.connectWithin(Duration.ZERO);
        assertEquals(SessionTimeouts.NEVER, patient.nanosLeft(now));
        assertFalse(patient.isStuck(now, true, 1));
        assertFalse(patient.isStuck(now + Duration.ofDays(9).toNanos(), true, 1));
    }

    @Test
    void shouldLingerWithinTheCloseTimeoutOnly() {
        timeouts.closeWithin(Duration.ofMillis(20));
        timeouts.lingerWithin(1_000 * MILLI);
        assertNull(timeouts.late(now + 10_000 * MILLI), "all is written, so nothing is late");
        assertFalse(timeouts.isLingerOver(now + 10 * MILLI));
        assertTrue(timeouts.isLingerOver(System.nanoTime() + 21 * MILLI));
    }

    @Test
    void shouldLingerNoLongerThanACloseThatComesMeanwhileAllows() {
        timeouts.lingerWithin(1_000 * MILLI);
        timeouts.closeWithin(Duration.ofDays(1));
        timeouts.closeWithin(Duration.ofMillis(20));
        assertFalse(timeouts.isLingerOver(now + 10 * MILLI));
        assertTrue(timeouts.isLingerOver(System.nanoTime() + 21 * MILLI));
        assertNull(timeouts.late(now + 10_000 * MILLI), "all is written, so nothing is late");
    }

    @Test
    void shouldNotLingerForLongerThanASecondHoweverOftenInputArrives() {
        timeouts.lingerWithin(1_000 * MILLI);
        timeouts.closeWithin(Duration.ofDays(1));
        timeouts.lingerWithin(10_000 * MILLI);
        assertFalse(timeouts.isLingerOver(now + 999 * MILLI));
        assertTrue(timeouts.isLingerOver(System.nanoTime() + 1_001 * MILLI));
    }

    @Test
    void shouldLingerUntilTheEndOfTheCloseWhileThePeerSends() {
        timeouts.closeWithin(Duration.ofMillis(2_500));
        timeouts.lingerWithin(1_000 * MILLI);
        timeouts.inputIsDropped();
        assertFalse(timeouts.isLingerOver(now + 900 * MILLI));
        assertFalse(timeouts.isLingerOver(now + 1_200 * MILLI), "it has sent");
        assertFalse(timeouts.isLingerOver(now + 2_100 * MILLI));
        timeouts.inputIsDropped();
        assertTrue(timeouts.isLingerOver(System.nanoTime() + 2_501 * MILLI), "the close bounds it");
    }

    @Test
    void shouldNotLingerForAPeerThatFellSilent() {
        timeouts.closeWithin(Duration.ofDays(1));
        timeouts.lingerWithin(1_000 * MILLI);
        timeouts.inputIsDropped();
        assertFalse(timeouts.isLingerOver(now + 1_200 * MILLI), "it has sent");
        assertTrue(timeouts.isLingerOver(now + 2_201 * MILLI), "and nothing since");
    }

    private static SessionSettings settings(Duration writeTimeout, Duration connectTimeout) {
        return new SessionSettings(
                QueueLimits.DEFAULT,
                OverrunPolicy.hold(),
                Conflation.inPlace(),
                Duration.ofMillis(100),
                writeTimeout,
                connectTimeout,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                false,
                1,
                1,
                0,
                error -> {},
                Resources.SYSTEM);
    }

    private Exception lateAt(long nowNanos) {
        IOException late = timeouts.late(nowNanos);
        assertNotNull(late);
        return late;
    }
}
