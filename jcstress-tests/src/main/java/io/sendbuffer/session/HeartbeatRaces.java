/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The reference that a session holds of its heartbeat. */
public class HeartbeatRaces {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofNanos(10_000);

    @JCStressTest
    @Description("T6: set a heartbeat against the session's end")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The session holds no reference any more.")
    @Outcome(expect = FORBIDDEN, desc = "A session that has ended keeps its heartbeat.")
    @State
    public static class T6_NoneIsKeptByASessionThatEnded extends WireState {
        private final SendBuffer ping = bench.pool.alone(1);

        public T6_NoneIsKeptByASessionThatEnded() {
            super(Bench.byLoop(), DigitWire.whole());
        }

        @Actor
        public void setter() {
            session.heartbeat(ping, LONG);
        }

        @Actor
        public void loop() {
            session.abort();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(I_Result r) {
            bench.dutyCycle(); // the setter may have been asking for one when the loop took what there was
            r.r1 = ping.referenceCount();
        }
    }

    @JCStressTest
    @Description("T6: replace a heartbeat against the duty cycle that sends it")
    @Outcome(id = "1, [01]*", expect = ACCEPTABLE, desc = "Sent or not, or sent again, no reference is left.")
    @Outcome(expect = FORBIDDEN, desc = "It was released too often or not at all.")
    @State
    public static class T6_ReplacedWhileItIsSent extends WireState {
        private final SendBuffer ping = bench.pool.alone(1);
        private boolean releasedTooOften;

        public T6_ReplacedWhileItIsSent() {
            super(Bench.inline(), DigitWire.whole());
            session.heartbeat(ping, SHORT);
            long start = System.nanoTime();
            while (System.nanoTime() - start < SHORT.toNanos()) {
                Thread.onSpinWait();
            }
        }

        @Actor
        public void setter() {
            try {
                session.heartbeat(ping, Duration.ZERO);
            } catch (IllegalStateException e) {
                releasedTooOften = true;
            }
        }

        @Actor
        public void loop() {
            bench.dutyCycle(); // the clock is due, and sends
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = releasedTooOften ? -1 : ping.referenceCount();
            r.r2 = (int) wire.digits();
        }
    }
}
