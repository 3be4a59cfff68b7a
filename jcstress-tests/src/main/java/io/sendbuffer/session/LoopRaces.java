/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A sender that needs the loop against the loop's duty cycle: the list of pending sessions, and the loop's sleep. */
public class LoopRaces {
    /** The loop announces its sleep, then looks; the sender adds, then looks: one of the two sees the other. */
    @JCStressTest
    @Description("Q13: flush by the loop against a duty cycle with nothing to do")
    @Outcome(
            id = {"0, 0", "1, ."},
            expect = ACCEPTABLE,
            desc = "The loop was woken for the session, or flushed it before it slept.")
    @Outcome(
            id = "0, 1",
            expect = FORBIDDEN,
            desc = "A message waits, and the loop stays asleep: its wake-up was lost.")
    @State
    public static class Q13_SleeperIsWoken extends WireState {
        public Q13_SleeperIsWoken() {
            super(Bench.sleeping(), DigitWire.whole());
            session.queue(bench.pool.alone(1)); // in advance, so that the racing steps are close together
            bench.selector.expectWakeUp();
        }

        @Actor
        public void sender() {
            session.flush();
            bench.selector.noThreadIsLeft();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = bench.selector.overslept() ? 1 : 0;
        }
    }

    /** The same for all steps of a sender: a woken loop sees all of them. */
    @JCStressTest
    @Description("Q13: send against a duty cycle with nothing to do, and the next one")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The loop was woken, or wrote the message before it slept.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "A message waits, and the loop stays asleep.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "The message was not written, or not released, by the next duty cycle.")
    @State
    public static class Q13_WokenForAMessage extends WireState {
        private final SendBuffer one = bench.pool.alone(1);

        public Q13_WokenForAMessage() {
            super(Bench.sleeping(), DigitWire.whole());
            bench.selector.expectWakeUp();
        }

        @Actor
        public void sender() {
            session.send(one);
            one.release();
            bench.selector.noThreadIsLeft();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = bench.selector.overslept() && wire.digits() == 0 ? 1 : 0;
            bench.dutyCycle();
            r.r1 = (int) wire.digits();
            r.r3 = bench.pool.frees();
        }
    }

    /** The session is already on the list, and the loop is just getting to it. */
    @JCStressTest
    @Description("Q16: send by the loop against the duty cycle that flushes")
    @Outcome(
            id = "12, 0, 2",
            expect = ACCEPTABLE,
            desc = "Both were written and released, by this duty cycle or the next.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: it is queued, and its session is not on the list.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class Q16_NothingIsForgotten extends WireState {
        private final SendBuffer two = bench.pool.alone(2);

        public Q16_NothingIsForgotten() {
            super(Bench.byLoop(), DigitWire.whole());
            SendBuffer one = bench.pool.alone(1);
            session.send(one);
            one.release();
        }

        @Actor
        public void sender() {
            session.send(two);
            two.release();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            showQueuedAndFrees(r);
        }
    }

    /** If it were in the list twice, a session would be its own successor, and the list endless. */
    @JCStressTest
    @Description("Q16: flush by the loop against the same")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "One of the two added the session; the loop visited it once.")
    @Outcome(id = "1, .*, .*", expect = FORBIDDEN, desc = "Both added the session: it follows itself.")
    @Outcome(id = ".*, .*, .*", expect = FORBIDDEN, desc = "The loop visited the session twice, or never.")
    @State
    public static class Q16_OnTheListOnce {
        private final Bench bench = Bench.byLoop();
        private final LoopSession session = (LoopSession) bench.session(DigitWire.whole());

        @Actor
        public void first() {
            session.flush();
        }

        @Actor
        public void second() {
            session.flush();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = session.nextPending == session ? 1 : 0;
            r.r2 = bench.dutyCycle();
            r.r3 = bench.dutyCycle();
        }
    }

    /** The list alone, for the moment between the loop's look at it and its taking of the list. */
    @JCStressTest
    @Description("Q16: add to the pending list against taking it")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Each session was taken once, together or one after the other.")
    @Outcome(id = "0, .*|.*, 0", expect = FORBIDDEN, desc = "A session was lost: it is marked, and on no list.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A session was taken twice.")
    @State
    public static class Q16_TakenWhole {
        private static final SendLoop LOOP = Bench.byLoop().loop; // sessions need one; it never runs

        private final PendingSessions list = new PendingSessions();
        private final LoopSession before = session();
        private final LoopSession late = session();
        private int lateTaken;
        private int beforeTaken;

        public Q16_TakenWhole() {
            list.add(before);
        }

        @Actor
        public void adder() {
            list.add(late);
        }

        @Actor
        public void loop() {
            count(list.takeAll());
        }

        @Arbiter
        public void end(II_Result r) {
            count(list.takeAll());
            r.r1 = lateTaken;
            r.r2 = beforeTaken;
        }

        private void count(@Nullable LoopSession first) {
            int limit = 4; // a list that has become a ring would never end
            for (LoopSession session = first; session != null && limit > 0; session = session.nextPending) {
                lateTaken += session == late ? 1 : 0;
                beforeTaken += session == before ? 1 : 0;
                limit--;
            }
        }

        private static LoopSession session() {
            return LOOP.newSession(new WireChannel(DigitWire.whole()), new Witness(), null);
        }
    }
}
