package io.sendbuffer.session;

import static io.sendbuffer.Failures.assertSays;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.QueueLimits;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The clocks of a session, told what time it is. */
class DeadlinesTest {
    private static final long MILLI = 1_000_000;

    private final SessionSettings settings = new SessionSettings(
            QueueLimits.DEFAULT,
            Duration.ofMillis(100),
            Duration.ofMillis(50),
            Duration.ofMillis(70),
            1 << 10,
            1 << 10,
            error -> {});
    private final Deadlines deadlines = new Deadlines(settings);
    private final long now = System.nanoTime();

    @Test
    void shouldBeInNoHurryWhenNothingIsGoingOn() {
        assertFalse(deadlines.areSet());
        assertNull(deadlines.late(now + Duration.ofDays(1).toNanos(), 0));
    }

    @Test
    void shouldEndAConnectThatTakesTooLong() {
        deadlines.connectWithin(settings.connectTimeout());
        assertTrue(deadlines.areSet());
        assertNull(deadlines.late(now + 60 * MILLI, 0));
        assertSays(lateAt(now + 10_000 * MILLI, 0), "connecting took longer than PT0.07S");
        deadlines.connected();
        assertNull(deadlines.late(now + 10_000 * MILLI, 0));
    }

    @Test
    void shouldEndACloseAtItsEarliestTime() {
        deadlines.closeWithin(Duration.ofDays(1));
        deadlines.closeWithin(Duration.ofMillis(20));
        deadlines.closeWithin(Duration.ofDays(1));
        assertNull(deadlines.late(now + 10 * MILLI, 0));
        assertSays(lateAt(now + 10_000 * MILLI, 0), "closing took too long");
    }

    @Test
    void shouldEndAWriteThatIsTheSameForTooLong() {
        assertNull(deadlines.late(now, 7));
        assertNull(deadlines.late(now + 49 * MILLI, 7));
        assertNull(deadlines.late(now + 50 * MILLI, 9), "another write: something moved");
        assertNull(deadlines.late(now + 90 * MILLI, 0), "none");
        assertNull(deadlines.late(now + 91 * MILLI, 9));
        assertNull(deadlines.late(now + 140 * MILLI, 9));
        assertSays(lateAt(now + 141 * MILLI, 9), "took nothing for PT0.05S");
    }

    @Test
    void shouldWaitForeverWithoutAWriteTimeout() {
        Deadlines patient = new Deadlines(new SessionSettings(
                QueueLimits.DEFAULT, Duration.ZERO, Duration.ZERO, Duration.ZERO, 1, 1, error -> {}));
        patient.connectWithin(Duration.ZERO);
        assertFalse(patient.areSet());
        assertNull(patient.late(now, 1));
        assertNull(patient.late(now + Duration.ofDays(9).toNanos(), 1));
    }

    private Exception lateAt(long nowNanos, long stuckWrite) {
        IOException late = deadlines.late(nowNanos, stuckWrite);
        assertNotNull(late);
        return late;
    }
}
