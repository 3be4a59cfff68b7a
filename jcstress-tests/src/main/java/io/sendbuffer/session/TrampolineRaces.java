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

/** The thread that continues after an operation of an asynchronous channel. */
public class TrampolineRaces {
    /** The second of the two continues, with the result of the completion. */
    @JCStressTest
    @Description("S9: the starter leaves against the completion")
    @Outcome(
            id = {"1, 0, 7", "0, 1, 7"},
            expect = ACCEPTABLE,
            desc = "One continues, with the result of the completion.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "Both continue.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Each leaves it to the other: neither continues.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The starter continues without the result of the completion.")
    @State
    public static class S9_OneContinues {
        private final CompletionTrampoline trampoline = new CompletionTrampoline();
        private int brought;
        private int seen;

        public S9_OneContinues() {
            trampoline.start();
        }

        @Actor
        public void starter(III_Result r) {
            if (!trampoline.leaveToCompletion()) {
                r.r1 = 1;
                seen = brought;
            }
        }

        @Actor
        public void completion(III_Result r) {
            brought = 7;
            if (!trampoline.leaveToStarter()) {
                r.r2 = 1;
                seen = brought;
            }
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = seen;
        }
    }
}
