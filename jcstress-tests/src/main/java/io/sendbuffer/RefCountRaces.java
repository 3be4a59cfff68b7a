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
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The reference count on its own: which thread frees, which is refused, and that a refusal has no effect. */
public class RefCountRaces {
    /** A retain comes in time, or is refused; either way there is one free and no read after it. */
    @JCStressTest
    @Description("R1: a release of the last reference against a retain")
    @Outcome(id = "42, 1, 0", expect = ACCEPTABLE, desc = "The retain came in time and read good memory.")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "The retain came too late and was refused.")
    @Outcome(id = "9, .*", expect = FORBIDDEN, desc = "Memory was read after it was freed.")
    @Outcome(id = ".*, 2, .*", expect = FORBIDDEN, desc = "A freed object came back to life and was freed again.")
    @State
    public static class R1_RetainAtZeroFails {
        private final Counted counted = new Counted(1);

        @Actor
        public void releaser() {
            counted.releaseReferences(1);
        }

        @Actor
        public void retainer(III_Result r) {
            if (counted.tryRetainReferences(1)) {
                r.r1 = counted.value();
                Counted.releaseOf(counted);
            }
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = counted.frees();
            r.r3 = counted.refCountVolatile();
        }
    }

    /**
     * The thread that freed it must find it free from then on: a refused retain must not be visible, not even briefly.
     */
    @JCStressTest
    @Description("R2: a retain by the thread that freed, against a retain that fails at the same moment")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The other one freed it, later.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Freed here, and the retain that followed was refused.")
    @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "Freed here, and retained again: a failed retain was visible.")
    @Outcome(id = ".*, [02]", expect = FORBIDDEN, desc = "A failed retain made a release miss zero, or reach it twice.")
    @State
    public static class R2_FailedRetainHasNoEffect {
        private final Counted counted = new Counted(1);

        @Actor
        public void freer(II_Result r) {
            boolean freed = counted.releaseReferences(1);
            boolean retained = counted.tryRetainReferences(1);
            r.r1 = freed ? (retained ? 2 : 1) : 0;
            if (retained) {
                Counted.releaseOf(counted);
            }
        }

        @Actor
        public void retainer() {
            if (counted.tryRetainReferences(1)) {
                Counted.releaseOf(counted);
            }
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = counted.frees();
        }
    }

    /** Two releases of two references: one of them is the last. */
    @JCStressTest
    @Description("R3: the last two releases")
    @Outcome(
            id = {"0, 1, 1", "1, 0, 1"},
            expect = ACCEPTABLE,
            desc = "One of the two was the last, and freed.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "Both believe that they were the last: freed twice.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Neither was the last: never freed.")
    @State
    public static class R3_LastReleaseFreesOnce {
        private final Counted counted = new Counted(2);

        @Actor
        public void first(III_Result r) {
            r.r1 = Counted.releaseOf(counted);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Counted.releaseOf(counted);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = counted.frees();
        }
    }

    /** Two releases of one reference: one of them is a mistake, and throws. */
    @JCStressTest
    @Description("R4: one release too many")
    @Outcome(
            id = {"1, -1, 1", "-1, 1, 1"},
            expect = ACCEPTABLE,
            desc = "One freed, the other was refused.")
    @Outcome(id = ".*, [02]", expect = FORBIDDEN, desc = "The surplus release freed again, or kept the memory forever.")
    @Outcome(id = "[01], [01], .*", expect = FORBIDDEN, desc = "The surplus release went unnoticed.")
    @State
    public static class R4_ReleaseTooOftenThrows {
        private final Counted counted = new Counted(1);

        @Actor
        public void first(III_Result r) {
            r.r1 = Counted.releaseOf(counted);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Counted.releaseOf(counted);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = counted.frees();
            if (counted.refCountVolatile() != 0) {
                r.r3 = 0;
            }
        }
    }

    /** Two retains at one below the largest count: there is room for one. */
    @JCStressTest
    @Description("R6: two retains where one fits")
    @Outcome(
            id = {"1, 0, 2147483647", "0, 1, 2147483647"},
            expect = ACCEPTABLE,
            desc = "One was refused, with no effect.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "The count overflowed: it is negative now.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "A retain that fits was refused.")
    @State
    public static class R6_OverflowIsRefused {
        private final Counted counted = new Counted(Integer.MAX_VALUE - 1);

        @Actor
        public void first(III_Result r) {
            r.r1 = counted.tryRetainReferences(1) ? 1 : 0;
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = counted.tryRetainReferences(1) ? 1 : 0;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = counted.refCountVolatile();
        }
    }
}
