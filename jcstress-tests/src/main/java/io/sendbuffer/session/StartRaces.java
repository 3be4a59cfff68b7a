/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A loop has one thread. */
public class StartRaces {
    /** No thread runs: the loop never actually starts one. */
    @JCStressTest
    @Description("S23: start against start")
    @Outcome(
            id = {"1, 0, 0", "0, 1, 0"},
            expect = ACCEPTABLE,
            desc = "One of them started a thread; the other one, and any later, was refused.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "Two threads run the loop.")
    @Outcome(id = ".*, .*, 1", expect = FORBIDDEN, desc = "It can be started again.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "It cannot be started at all.")
    @State
    public static class S23_OneThread {
        private final Bench bench = Bench.withoutThread();

        @Actor
        public void one(III_Result r) {
            r.r1 = start();
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = start();
        }

        @Arbiter
        public void later(III_Result r) {
            r.r3 = start();
        }

        private int start() {
            try {
                bench.loop.start();
                return 1;
            } catch (IllegalStateException e) {
                return 0;
            }
        }
    }
}
