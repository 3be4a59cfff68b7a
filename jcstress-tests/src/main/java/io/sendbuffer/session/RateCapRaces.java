/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** A rate cap: senders that leave a flush to its time, against the flush whose time has come. */
public class RateCapRaces {
    private static final long INTERVAL_NANOS = 10_000;

    private static void awaitTime() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < INTERVAL_NANOS) {
            Thread.onSpinWait();
        }
    }

    @JCStressTest
    @Description("S29: send while a flush waits for its time, against the duty cycle that makes it")
    @Outcome(id = "123", expect = ACCEPTABLE, desc = "All was written, in this duty cycle or when the next time came.")
    @Outcome(expect = FORBIDDEN, desc = "A message was left to a flush that had been made before.")
    @State
    public static class S29_NothingIsLeftToAFlushThatIsOver extends WireState {
        public S29_NothingIsLeftToAFlushThatIsOver() {
            super(Bench.capped(WriteMode.LOOP, Duration.ofNanos(INTERVAL_NANOS)), DigitWire.whole());
            session.queue(bench.pool.alone(1));
            session.flush();
            bench.dutyCycle();
            session.queue(bench.pool.alone(2));
            session.flush();
            bench.dutyCycle(); // the flush waits
            awaitTime();
        }

        @Actor
        public void sender() {
            session.queue(bench.pool.alone(3));
            session.flush();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(I_Result r) {
            for (int i = 0; i < 2; i++) {
                awaitTime();
                bench.dutyCycle();
            }
            r.r1 = (int) wire.digits();
        }
    }

    @JCStressTest
    @Description("S29: two threads whose time has come")
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "One flushes, and the other one waits.")
    @Outcome(expect = FORBIDDEN, desc = "Both flush, or none.")
    @State
    public static class S29_OneBegins extends WireState {
        private final FlushPace pace = new FlushPace(session, Duration.ofDays(1));

        public S29_OneBegins() {
            super(Bench.byLoop(), DigitWire.whole());
            session.queue(bench.pool.alone(1));
        }

        private int begins() {
            return pace.nanosToBegin(session.queue) == 0 ? 1 : 0;
        }

        @Actor
        public void one(II_Result r) {
            r.r1 = begins();
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = begins();
        }
    }
}
