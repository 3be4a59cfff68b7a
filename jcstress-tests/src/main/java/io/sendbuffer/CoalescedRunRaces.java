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
import org.openjdk.jcstress.infra.results.II_Result;

/** The runs that held a batch's neighbors come back to the batch, from any thread: each once, and none is lost. */
public class CoalescedRunRaces {
    private CoalescedRunRaces() {}

    private static int known(CoalescedRun run, CoalescedRun first, CoalescedRun second) {
        return run == first ? 1 : run == second ? 2 : 0;
    }

    /** Two receivers finish writing two runs at the same time. */
    @JCStressTest
    @Description("R12: two runs are given back at the same time")
    @Outcome(
            id = {"1, 2", "2, 1"},
            expect = ACCEPTABLE,
            desc = "Both are available again.")
    @Outcome(
            id = {"1, 1", "2, 2"},
            expect = FORBIDDEN,
            desc = "One was taken twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "One was lost.")
    @State
    public static class R12_TwoRunsComeBack {
        private final CoalescedRun.FreeList runs = new CoalescedRun.FreeList();
        private final CoalescedRun first = runs.take(2);
        private final CoalescedRun second = runs.take(2);

        @Actor
        public void one() {
            runs.giveBack(first);
        }

        @Actor
        public void other() {
            runs.giveBack(second);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = known(runs.take(2), first, second);
            r.r2 = known(runs.take(2), first, second);
        }
    }

    /** The batch takes what was given back while more comes. */
    @JCStressTest
    @Description("R12: a run is given back while the batch takes")
    @Outcome(
            id = {"1, 2", "2, 1"},
            expect = ACCEPTABLE,
            desc = "Both were taken, in any order.")
    @Outcome(
            id = {"1, 1", "2, 2"},
            expect = FORBIDDEN,
            desc = "One was taken twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "One was lost.")
    @State
    public static class R12_RunComesBackWhileTheBatchTakes {
        private final CoalescedRun.FreeList runs = new CoalescedRun.FreeList();
        private final CoalescedRun first = runs.take(2);
        private final CoalescedRun second = runs.take(2);
        private int taken;

        public R12_RunComesBackWhileTheBatchTakes() {
            runs.giveBack(first);
        }

        @Actor
        public void drainer() {
            runs.giveBack(second);
        }

        @Actor
        public void batch() {
            taken = known(runs.take(2), first, second);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = taken;
            r.r2 = known(runs.take(2), first, second);
        }
    }
}
