/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A flush that has used up its write quantum leaves a rest, and its result says so: a thread has to come back for it.
 */
public class TurnRaces {
    /** Each turn is one message. The second takes over where the first one left. */
    @JCStressTest
    @Description("Q18: turn against turn of a queue with four messages; then a flush of the rest")
    @Outcome(id = "1234, 0, 0, 4", expect = ACCEPTABLE, desc = "Each was written once, and in order.")
    @Outcome(id = ".*, -1, .*, .*", expect = FORBIDDEN, desc = "Something was left, and no result said so.")
    @Outcome(id = ".*, [^0], .*, .*", expect = FORBIDDEN, desc = "Two writes of one queue overlapped.")
    @Outcome(
            id = "1234, .*, [^0].*, .*",
            expect = FORBIDDEN,
            desc = "The queue counts messages that are already written.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was lost, duplicated, or out of order.")
    @State
    public static class Q18_TurnAgainstTurn extends QueueState {
        private static final QueueLimits ONE_MESSAGE = QueueLimits.DEFAULT.withMaxBytesPerWrite(1);

        private boolean moreForFirst;
        private boolean moreForSecond;

        public Q18_TurnAgainstTurn() {
            super(new SendQueue(ONE_MESSAGE), DigitWire.whole());
            for (int digit = 1; digit <= 4; digit++) {
                offerAlone(digit);
            }
        }

        @Actor
        public void first() {
            moreForFirst = turn();
        }

        @Actor
        public void second() {
            moreForSecond = turn();
        }

        private boolean turn() {
            try {
                return queue.flush(wire, 1) == FlushResult.MORE;
            } catch (RuntimeException | AssertionError e) {
                return false; // two drainers break the window in ways that throw; the wire's record decides
            }
        }

        @Arbiter
        public void end(IIII_Result r) {
            boolean stranded = wire.digits() < 1234 && !moreForFirst && !moreForSecond;
            turn(); // at least one was written in the race
            turn();
            turn();
            queue.flush(wire);
            r.r1 = (int) wire.digits();
            r.r2 = stranded ? -1 : wire.overlaps();
            r.r3 = queue.queuedMessages() + (int) queue.queuedBytes();
            r.r4 = pool.frees();
        }
    }
}
