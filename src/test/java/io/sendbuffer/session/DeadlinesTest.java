package io.sendbuffer.session;

import static io.sendbuffer.Failures.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.QueueLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The clocks of a session, with a time set by the test. */
class DeadlinesTest {
    private static final long MILLI = 1_000_000;

    private final SessionSettings settings = settings(Duration.ofMillis(50), Duration.ofMillis(70));
    private final Deadlines deadlines = new Deadlines(settings);
    private final long now = System.nanoTime();

    @Test
    void shouldBeInNoHurryWhenNothingIsGoingOn() {
        assertEquals(Deadlines.NEVER, deadlines.nanosLeft(now));
        assertNull(deadlines.late(now + Duration.ofDays(1).toNanos()));
        assertFalse(deadlines.isStuck(now + Duration.ofDays(1).toNanos(), false, 0));
    }

    @Test
    void shouldEndAConnectThatTakesTooLong() {
        deadlines.connectWithin(settings.connectTimeout());
        long left = deadlines.nanosLeft(System.nanoTime());
        assertTrue(left <= 70 * MILLI, "left: " + left);
        assertNull(deadlines.late(now + 60 * MILLI));
        assertSays(lateAt(now + 10_000 * MILLI), "connecting took longer than PT0.07S");
        deadlines.connected();
        assertNull(deadlines.late(now + 10_000 * MILLI));
        assertEquals(Deadlines.NEVER, deadlines.nanosLeft(now));
    }

    @Test
    void shouldEndACloseAtItsEarliestTime() {
        assertTrue(deadlines.closeWithin(Duration.ofDays(1)));
        assertTrue(deadlines.closeWithin(Duration.ofMillis(20)));
        assertFalse(deadlines.closeWithin(Duration.ofDays(1)), "an earlier end counts already");
        assertNull(deadlines.late(now + 10 * MILLI));
        assertSays(lateAt(now + 10_000 * MILLI), "closing took too long");
    }

    @Test
    void shouldFindAPeerStuckThatTakesNothing() {
        assertFalse(deadlines.isStuck(now, true, 7));
        assertFalse(deadlines.isStuck(now + 49 * MILLI, true, 7));
        assertTrue(deadlines.nanosLeft(now + 49 * MILLI) <= MILLI + 1);
        assertTrue(deadlines.isStuck(now + 51 * MILLI, true, 7));
    }

    @Test
    void shouldGiveAPeerThatTakesEnoughANewWindow() {
        assertFalse(deadlines.isStuck(now, true, 0));
        assertFalse(deadlines.isStuck(now + 40 * MILLI, true, Deadlines.MIN_PROGRESS_BYTES));
        assertFalse(deadlines.isStuck(now + 89 * MILLI, true, Deadlines.MIN_PROGRESS_BYTES));
        assertTrue(deadlines.isStuck(now + 91 * MILLI, true, Deadlines.MIN_PROGRESS_BYTES));
    }

    /** The peer reads in steps that the system reports late: one of them may take longer than the timeout. */
    @Test
    void shouldGiveAPeerThatWasSeenToReadTwiceTheTime() {
        Deadlines ofASecond = new Deadlines(settings(Duration.ofSeconds(1), Duration.ZERO));
        long step = Deadlines.MIN_PROGRESS_BYTES;
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
        Deadlines ofASecond = new Deadlines(settings(Duration.ofSeconds(1), Duration.ZERO));
        long step = Deadlines.MIN_PROGRESS_BYTES;
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
        assertFalse(deadlines.isProbeDue(now));
        assertFalse(deadlines.isStuck(now, true, 0));
        List<Integer> probes = new ArrayList<>();
        for (int milli = 0; milli < 1_000; milli++) {
            if (deadlines.isProbeDue(now + milli * MILLI)) {
                probes.add(milli);
            }
        }
        assertEquals(2, probes.size(), () -> "within 50 ms: " + probes);
        assertTrue(probes.get(0) >= 4 && probes.get(0) <= 5, probes::toString);
        assertTrue(probes.get(1) >= 16 && probes.get(1) <= 21, probes::toString);
        assertFalse(deadlines.isStuck(now + 1_000 * MILLI, false, 0));
        assertFalse(deadlines.isProbeDue(now + 2_000 * MILLI));
    }

    @Test
    void shouldNotLetAPeerLiveThatTakesAByteAtATime() {
        for (int i = 0; i <= 5; i++) {
            assertFalse(deadlines.isStuck(now + i * 9L * MILLI, true, i), "at " + i);
        }
        assertTrue(deadlines.isStuck(now + 51 * MILLI, true, 6));
    }

    @Test
    void shouldForgetAWindowWhenNothingWaitsToBeWritten() {
        assertFalse(deadlines.isStuck(now, true, 7));
        assertFalse(deadlines.isStuck(now + 90 * MILLI, false, 7));
        assertFalse(deadlines.isStuck(now + 91 * MILLI, true, 7));
        assertFalse(deadlines.isStuck(now + 140 * MILLI, true, 7));
        assertTrue(deadlines.isStuck(now + 142 * MILLI, true, 7));
    }

    @Test
    void shouldWaitForeverWithoutTimeouts() {
        Deadlines patient = new Deadlines(settings(Duration.ZERO, Duration.ZERO));
        patient.connectWithin(Duration.ZERO);
        assertEquals(Deadlines.NEVER, patient.nanosLeft(now));
        assertFalse(patient.isStuck(now, true, 1));
        assertFalse(patient.isStuck(now + Duration.ofDays(9).toNanos(), true, 1));
    }

    @Test
    void shouldLingerWithinTheCloseTimeoutOnly() {
        deadlines.closeWithin(Duration.ofMillis(20));
        deadlines.lingerWithin(1_000 * MILLI);
        assertNull(deadlines.late(now + 10_000 * MILLI), "all is written, so nothing is late");
        assertFalse(deadlines.isLingerOver(now + 10 * MILLI));
        assertTrue(deadlines.isLingerOver(System.nanoTime() + 21 * MILLI));
    }

    @Test
    void shouldLingerNoLongerThanACloseThatComesMeanwhileAllows() {
        deadlines.lingerWithin(1_000 * MILLI);
        deadlines.closeWithin(Duration.ofDays(1));
        deadlines.closeWithin(Duration.ofMillis(20));
        assertFalse(deadlines.isLingerOver(now + 10 * MILLI));
        assertTrue(deadlines.isLingerOver(System.nanoTime() + 21 * MILLI));
        assertNull(deadlines.late(now + 10_000 * MILLI), "all is written, so nothing is late");
    }

    @Test
    void shouldNotLingerForLongerThanASecondHoweverOftenInputArrives() {
        deadlines.lingerWithin(1_000 * MILLI);
        deadlines.closeWithin(Duration.ofDays(1));
        deadlines.lingerWithin(10_000 * MILLI);
        assertFalse(deadlines.isLingerOver(now + 999 * MILLI));
        assertTrue(deadlines.isLingerOver(System.nanoTime() + 1_001 * MILLI));
    }

    private static SessionSettings settings(Duration writeTimeout, Duration connectTimeout) {
        return new SessionSettings(
                QueueLimits.DEFAULT,
                Duration.ofMillis(100),
                writeTimeout,
                connectTimeout,
                1,
                1,
                0,
                error -> {},
                Resources.SYSTEM);
    }

    private Exception lateAt(long nowNanos) {
        IOException late = deadlines.late(nowNanos);
        assertNotNull(late);
        return late;
    }
}
