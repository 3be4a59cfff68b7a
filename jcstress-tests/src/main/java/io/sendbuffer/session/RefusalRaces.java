/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Episodes of a full queue, against each other and against the session's end. The actors begin at the point of a
 * broadcast after the queue has refused: the queue's lock would admit them one after the other.
 */
public class RefusalRaces {
    /** Counts its notifications, and those that came after the session's end. */
    private static final class Refusals extends Witness implements RefusalListener {
        private final AtomicInteger beginnings = new AtomicInteger();
        private final AtomicInteger ends = new AtomicInteger();
        private final AtomicInteger missed = new AtomicInteger();
        private final AtomicInteger late = new AtomicInteger();

        @Override
        public void onRefused(Session session) {
            beginnings.incrementAndGet();
            late.addAndGet(notified());
        }

        @Override
        public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
            ends.incrementAndGet();
            missed.addAndGet((int) missedMessages);
            late.addAndGet(notified());
        }
    }

    @JCStressTest
    @Description("S15: a refused broadcast against another")
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "One episode, and both messages are counted.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "Missed messages were not counted.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "onRefused or onRefusalsEnded was not called exactly once.")
    @State
    public static class S15_OneEpisode {
        private final Bench bench = Bench.byLoop();
        private final SendBuffer message = bench.pool.alone(1);
        private final Refusals refusals = new Refusals();
        private final Session session = bench.session(new WireChannel(DigitWire.whole()), refusals);
        private final SessionGroup group = new SessionGroup(refusals);

        public S15_OneEpisode() {
            group.add(session);
        }

        @Actor
        public void first() {
            session.memberships.refused(group, refusals, 1, 1);
        }

        @Actor
        public void second() {
            session.memberships.refused(group, refusals, 1, 1);
        }

        @Arbiter
        public void end(III_Result r) {
            group.queue(message);
            bench.dutyCycle();
            r.r1 = refusals.beginnings.get();
            r.r2 = refusals.ends.get();
            r.r3 = refusals.missed.get();
        }
    }

    /** A broadcast that was refused before the end, and reports it afterward, comes too late. */
    @JCStressTest
    @Description("S15: a refused broadcast against the end of the session")
    @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "The end came first.")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "An episode began, and ended before the session.")
    @Outcome(id = ".*, .*, [^0]", expect = FORBIDDEN, desc = "A call came after the session's last one.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "An episode has no end.")
    @State
    public static class S15_NoCallAfterTheEnd {
        private final Bench bench = Bench.byLoop();
        private final Refusals refusals = new Refusals();
        private final Session session = bench.session(new WireChannel(DigitWire.whole()), refusals);
        private final SessionGroup group = new SessionGroup(refusals);

        public S15_NoCallAfterTheEnd() {
            group.add(session);
        }

        @Actor
        public void sender() {
            session.memberships.refused(group, refusals, 1, 1);
        }

        @Actor
        public void loop() {
            session.abort();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            bench.dutyCycle();
            r.r1 = refusals.beginnings.get();
            r.r2 = refusals.ends.get();
            r.r3 = refusals.late.get();
        }
    }
}
