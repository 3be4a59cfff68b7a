/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.Conflation;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Errors of a thread that must not report them itself. */
public class ErrorReportRaces {
    private static final Throwable FIRST = new Error("first");
    private static final Throwable SECOND = new Error("second");

    /** One error waits to be reported; the other comes while one or two deliveries take the waiting errors. */
    @JCStressTest
    @Description("S19: an error against the delivery of the one before it")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Each was reported once.")
    @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "It is kept, and no delivery comes for it; or it is lost.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "An error was reported twice, or the first one never.")
    @State
    public static class S19_ErrorsAreReportedOnce {
        private final AtomicBoolean asked = new AtomicBoolean();
        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();
        private final DeferredErrors reports = new DeferredErrors(settings(), task -> asked.set(true));

        public S19_ErrorsAreReportedOnce() {
            reports.reportSoon(FIRST);
        }

        private SessionSettings settings() {
            return new SessionSettings(
                    QueueLimits.DEFAULT,
                    OverrunPolicy.hold(),
                    Conflation.inPlace(),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    false,
                    1,
                    1,
                    0,
                    this::count,
                    Resources.SYSTEM);
        }

        private void count(Throwable error) {
            (error == FIRST ? first : second).incrementAndGet();
        }

        @Actor
        public void reporter() {
            reports.reportSoon(SECOND);
            deliver(); // a second one: the first may be within the error handler
        }

        @Actor
        public void delivery() {
            deliver();
        }

        /** Does what the delivery threads do: a delivery requested while it runs is repeated. */
        private void deliver() {
            while (asked.getAndSet(false)) {
                reports.run();
            }
        }

        @Arbiter
        public void end(II_Result r) {
            deliver();
            r.r1 = first.get();
            r.r2 = second.get();
        }
    }
}
