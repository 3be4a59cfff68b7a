/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The timeouts of a session that several threads set. */
public class TimeoutRaces {
    private static final Duration SHORT = Duration.ofMinutes(1); // no race takes that long
    private static final Duration LONG = Duration.ofMinutes(2);

    private static long after(Duration timeout) {
        return System.nanoTime() + timeout.toNanos() + 1;
    }

    @JCStressTest
    @Description("S21: a close against a close that gives more time")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The earlier end counts.")
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "The later end has replaced the earlier one.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The close is overdue before its time.")
    @State
    public static class S21_EarlierCloseCounts {
        private final SessionTimeouts timeouts = new SessionTimeouts(Kinds.BLOCKING.settings);
        private final long start = System.nanoTime();

        @Actor
        public void oneCloser() {
            timeouts.closeWithin(SHORT);
        }

        @Actor
        public void otherCloser() {
            timeouts.closeWithin(LONG);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = timeouts.late(start) == null ? 0 : 1;
            r.r2 = timeouts.nanosToEnd(after(SHORT)) == 0 ? 1 : 0;
        }
    }

    /**
     * All is written, and the wait for the peer's end begins, while another thread closes the session with a shorter
     * timeout.
     */
    @JCStressTest
    @Description("S21: a close against the wait for the peer's end")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The wait ends with the close's time.")
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "The wait continues, though the time of the close is over.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The wait ends before its time.")
    @State
    public static class S21_CloseBoundsTheLinger {
        private static final Duration TIMEOUT = Duration.ofNanos(SessionTimeouts.MAX_LINGER_NANOS / 1_000);

        private final SessionTimeouts timeouts = new SessionTimeouts(Kinds.BLOCKING.settings);
        private final long start = System.nanoTime();

        @Actor
        public void closer() {
            timeouts.closeWithin(TIMEOUT);
        }

        @Actor
        public void writer() {
            timeouts.lingerWithin(SessionTimeouts.MAX_LINGER_NANOS);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = timeouts.isLingerOver(start) ? 1 : 0;
            r.r2 = timeouts.isLingerOver(after(TIMEOUT)) ? 1 : 0;
        }
    }
}
