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

/** The slots that a broadcast walks while they are filled, emptied and copied. */
public class MembersRaces {
    /** It then has an empty slot, and a later one. */
    @JCStressTest
    @Description("S14: broadcast against a member that leaves and comes back")
    @Outcome(id = "11, 1, 2", expect = ACCEPTABLE, desc = "Both were reached.")
    @Outcome(id = "10, 1, 1", expect = ACCEPTABLE, desc = "It was away.")
    @Outcome(id = "21, .*, .*", expect = FORBIDDEN, desc = "It was reached twice.")
    @Outcome(id = ".*, [^1], .*", expect = FORBIDDEN, desc = "A reference leaked, or the memory came back twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The one that stayed was not reached exactly once.")
    @State
    public static class S14_ComesBackOnce {
        private final Bench bench = Bench.inline();
        private final SendBuffer message = bench.pool.alone(1);
        private final DigitWire wireOfOne = DigitWire.whole();
        private final DigitWire wireOfTwo = DigitWire.whole();
        private final Session one = bench.session(wireOfOne);
        private final SessionGroup group = new SessionGroup();
        private int heard;

        public S14_ComesBackOnce() {
            group.add(one);
            group.add(bench.session(wireOfTwo));
        }

        @Actor
        public void sender() {
            heard = broadcast(group, message);
        }

        @Actor
        public void comesBack() {
            group.remove(one);
            group.add(one);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) (wireOfTwo.digits() * 10 + wireOfOne.digits());
            r.r2 = bench.pool.frees();
            r.r3 = heard;
        }
    }

    /** There is no slot for the ninth member, so the others' slots are copied. */
    @JCStressTest
    @Description("S14: broadcast against a join for which the slots are copied")
    @Outcome(id = "8, 0, 1", expect = ACCEPTABLE, desc = "All that stayed were reached.")
    @Outcome(id = "9, 1, 1", expect = ACCEPTABLE, desc = "The new one as well.")
    @Outcome(id = ".*, .*, [^1]", expect = FORBIDDEN, desc = "A reference leaked, or the memory came back twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "One that stayed was not reached.")
    @State
    public static class S14_StayingMembersAreReached {
        private final Bench bench = Bench.inline();
        private final SendBuffer message = bench.pool.alone(1);
        private final DigitWire wireOfNew = DigitWire.whole();
        private final Session newcomer = bench.session(wireOfNew);
        private final SessionGroup group = new SessionGroup();
        private int heard;

        public S14_StayingMembersAreReached() {
            for (int i = 0; i < 8; i++) {
                group.add(bench.session(DigitWire.whole()));
            }
        }

        @Actor
        public void sender() {
            heard = broadcast(group, message);
        }

        @Actor
        public void adder() {
            group.add(newcomer);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = heard;
            r.r2 = (int) wireOfNew.digits();
            r.r3 = bench.pool.frees();
        }
    }

    /** Broadcasts and releases; -1 if there were too few references. */
    private static int broadcast(SessionGroup group, SendBuffer message) {
        try {
            int heard = group.broadcast(message);
            message.release();
            return heard;
        } catch (IllegalStateException e) {
            return -1;
        }
    }
}
