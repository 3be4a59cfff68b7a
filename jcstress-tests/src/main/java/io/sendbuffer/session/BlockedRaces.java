/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A session whose write was cut short: the loop resumes it, and concurrent senders rely on that. */
public class BlockedRaces {
    /** The session is blocked, its channel is writable again, and the loop is just flushing it. */
    @JCStressTest
    @Description("S3: send by the loop against the duty cycle in which a blocked channel is ready")
    @Outcome(
            id = "1234, 0, 2",
            expect = ACCEPTABLE,
            desc = "All was written, in order, by the duty cycles that followed.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: its sender relied on a flush that was already over.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class S3_BlockedIsNotForgotten extends WireState {
        private final SendBuffer four = bench.pool.alone(4);

        public S3_BlockedIsNotForgotten() {
            super(Bench.byLoop(), DigitWire.taking(1));
            becomeBlocked();
        }

        @Actor
        public void sender() {
            session.send(four);
            four.release();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.runUntilIdle();
            showQueuedAndFrees(r);
        }
    }

    /** The same for a sender that would itself write if the session were not blocked. */
    @JCStressTest
    @Description("S3: inline send against the duty cycle in which a blocked channel is ready")
    @Outcome(
            id = "1234, 0, 2",
            expect = ACCEPTABLE,
            desc = "All was written, in order, by the duty cycles that followed.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: its sender relied on a flush that was already over.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class S3_InlineSenderOfABlocked extends WireState {
        private final SendBuffer four = bench.pool.alone(4);

        public S3_InlineSenderOfABlocked() {
            super(Bench.inline(), DigitWire.taking(1));
            becomeBlocked();
        }

        @Actor
        public void sender() {
            session.send(four);
            four.release();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.runUntilIdle();
            showQueuedAndFrees(r);
        }
    }

    /** The loop may flush what a sender could not write before that sender has said that the session is blocked. */
    @JCStressTest
    @Description("S3: inline send that is cut short against the loop's duty cycles; then another send")
    @Outcome(
            id = "123, 0, 2",
            expect = ACCEPTABLE,
            desc = "All was written, in order, by the duty cycles that followed.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "The session stays marked as blocked: senders rely on a flush that never comes.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class S3_CutShortIsTakenUp extends WireState {
        private final SendBuffer first = bench.pool.alone(1, 2);
        private final SendBuffer second = bench.pool.alone(3);

        public S3_CutShortIsTakenUp() {
            super(Bench.inline(), DigitWire.taking(1));
        }

        @Actor
        public void sender() {
            session.send(first);
            first.release();
        }

        @Actor
        public void loop() {
            for (int i = 0; i < 4; i++) {
                bench.dutyCycle();
            }
        }

        @Arbiter
        public void end(III_Result r) {
            bench.runUntilIdle();
            session.send(second);
            second.release();
            bench.runUntilIdle();
            showQueuedAndFrees(r);
        }
    }
}
