/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** SessionTimeouts and tasks given to the clock of sessions without a loop while its thread looks, or ends. */
public class ClockRaces {
    /** The new deadline comes while the clock makes another look. */
    @JCStressTest
    @Description("S18: a request for a look against the look that another request caused")
    @Outcome(id = "1, .*", expect = ACCEPTABLE, desc = "That look saw the deadline, or another look came.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The request was lost with the one before it.")
    @State
    public static class S18_WishIsNotForgotten {
        private static final int SPINS = 20;
        private static final VarHandle DEADLINE;

        static {
            try {
                DEADLINE = MethodHandles.lookup().findVarHandle(S18_WishIsNotForgotten.class, "deadline", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final HeldClock held = new HeldClock(this::look);

        /** Opaque: a volatile field would create more happens-before than the clock's own lock does. */
        @SuppressWarnings("unused")
        private int deadline;

        private int seen;

        public S18_WishIsNotForgotten() {
            held.clock.checkWithin(0);
        }

        private void look() {
            seen |= (int) DEADLINE.getOpaque(this);
            for (int i = 0; i < SPINS; i++) {
                Thread.onSpinWait(); // there are other sessions to look at
            }
        }

        @Actor
        public void asker() {
            DEADLINE.setOpaque(this, 1);
            held.clock.checkWithin(0);
        }

        @Actor
        public void clock() {
            held.run(1);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = seen;
            r.r1 = seen == 1 || held.looksOnceMore() ? 1 : 0;
        }
    }

    /** The clock has nothing left to look at, and ends. */
    @JCStressTest
    @Description("S18: a task for later against the end of the clock")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The clock delivered it, or the caller that found the clock ended.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "The clock ended, and the task was lost.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "It was delivered twice.")
    @State
    public static class S18_TaskIsDeliveredOnce {
        private final HeldClock held = new HeldClock(() -> {});
        private final Delivery.Task task = new Delivery.Task() {
            @Override
            void run() {
                throw new AssertionError("the delivery counts it, and does not run it");
            }
        };

        public S18_TaskIsDeliveredOnce() {
            held.clock.checkWithin(0);
        }

        @Actor
        public void giver() {
            held.clock.deliverLater(task, 0);
        }

        @Actor
        public void clock() {
            held.run(0);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = held.deliveries();
        }
    }
}
