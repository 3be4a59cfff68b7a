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
import org.openjdk.jcstress.infra.results.II_Result;

/** Members that come and go, against each other and against a broadcast. */
public class GroupRaces {
    /** A session that becomes a member after it has left its groups would never be removed. */
    @JCStressTest
    @Description("S5: add to a group against close, and the duty cycle that notifies the listener")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "It left the group, or did not become a member.")
    @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "An ended session stays a member forever.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was not notified of the end exactly once.")
    @State
    public static class S5_EndedSessionLeavesItsGroups {
        private final Bench bench = Bench.byLoop();
        private final Witness witness = new Witness();
        private final Session session = bench.session(new WireChannel(DigitWire.whole()), witness);
        private final SessionGroup group = new SessionGroup();

        @Actor
        public void adder() {
            group.add(session);
        }

        @Actor
        public void loop() {
            session.abort();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = group.size();
            r.r2 = witness.notified();
        }
    }

    /** Each copies the list of members, and must not overwrite the other's copy. */
    @JCStressTest
    @Description("S6: add to a group against add")
    @Outcome(id = "2, 1, 1", expect = ACCEPTABLE, desc = "Both are members.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A member was lost: it will miss every broadcast.")
    @State
    public static class S6_MembersAreNotLost {
        private final Bench bench = Bench.byLoop();
        private final Session one = bench.session(DigitWire.whole());
        private final Session two = bench.session(DigitWire.whole());
        private final SessionGroup group = new SessionGroup();

        @Actor
        public void first() {
            group.add(one);
        }

        @Actor
        public void second() {
            group.add(two);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = group.size();
            r.r2 = has(group, one);
            r.r3 = has(group, two);
        }
    }

    /** The same race where one of the two leaves. */
    @JCStressTest
    @Description("S6: add to a group against remove")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "One left, the other is a member.")
    @Outcome(id = "., 1, .", expect = FORBIDDEN, desc = "The session that left is a member again.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The new member was lost.")
    @State
    public static class S6_LeavingRemovesNoOther {
        private final Bench bench = Bench.byLoop();
        private final Session one = bench.session(DigitWire.whole());
        private final Session two = bench.session(DigitWire.whole());
        private final SessionGroup group = new SessionGroup();

        public S6_LeavingRemovesNoOther() {
            group.add(one);
        }

        @Actor
        public void leaver() {
            group.remove(one);
        }

        @Actor
        public void adder() {
            group.add(two);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = group.size();
            r.r2 = has(group, one);
            r.r3 = has(group, two);
        }
    }

    /** The loop may write to a member, and release its reference, before the next member has the message. */
    @JCStressTest
    @Description("R7: broadcast and release against the duty cycles of the loop that drains")
    @Outcome(id = "2, 11, 1", expect = ACCEPTABLE, desc = "Each wrote it once, and the memory came back once.")
    @Outcome(
            id = "-1, .*, .*",
            expect = FORBIDDEN,
            desc = "It was released for the last time while it was being handed over.")
    @Outcome(id = ".*, .*9.*, .*", expect = FORBIDDEN, desc = "A member wrote memory that was freed.")
    @Outcome(id = ".*, .*, [^1]", expect = FORBIDDEN, desc = "A reference leaked, or the memory came back twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A member wrote it twice, or never.")
    @State
    public static class R7_BroadcastAgainstTheLoop extends PairState {
        public R7_BroadcastAgainstTheLoop() {
            super(Bench.byLoop());
        }

        @Actor
        public void sender() {
            heard = broadcast(group, message);
        }

        @Actor
        public void loop() {
            for (int i = 0; i < 4; i++) {
                bench.dutyCycle();
            }
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            show(r);
        }
    }

    /** One reference for each member at one point in time. */
    @JCStressTest
    @Description("S7: broadcast against remove")
    @Outcome(id = "2, 11, 1", expect = ACCEPTABLE, desc = "Both received it.")
    @Outcome(id = "1, 10, 1", expect = ACCEPTABLE, desc = "One had left before.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "It was released more often than retained.")
    @Outcome(id = ".*, .*, [^1]", expect = FORBIDDEN, desc = "A reference leaked, or the memory came back twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The broadcast returned a wrong number of members that received it.")
    @State
    public static class S7_BroadcastAgainstLeaving extends PairState {
        public S7_BroadcastAgainstLeaving() {
            super(Bench.inline());
        }

        @Actor
        public void sender() {
            heard = broadcast(group, message);
        }

        @Actor
        public void leaver() {
            group.remove(two);
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    /** A member that ends while it is being sent to keeps nothing. */
    @JCStressTest
    @Description("S7: broadcast against close of a member, and the duty cycle that notifies the listener")
    @Outcome(
            id = "2, 1[01], 1",
            expect = ACCEPTABLE,
            desc = "Both accepted it; the one that ended gave it back or wrote it.")
    @Outcome(id = "1, 10, 1", expect = ACCEPTABLE, desc = "One had ended before.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "It was released more often than retained.")
    @Outcome(id = ".*, .*, [^1]", expect = FORBIDDEN, desc = "A reference leaked, or the memory came back twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The broadcast returned a wrong number of members that accepted it.")
    @State
    public static class S7_BroadcastAgainstEnding extends PairState {
        public S7_BroadcastAgainstEnding() {
            super(Bench.inline());
        }

        @Actor
        public void sender() {
            heard = broadcast(group, message);
        }

        @Actor
        public void loop() {
            two.close();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    /** Two members of a group, and a message for both. */
    abstract static class PairState {
        final Bench bench;
        final SendBuffer message;
        final Session one;
        final Session two;
        final SessionGroup group = new SessionGroup();
        int heard;
        private final DigitWire wireOfOne = DigitWire.whole();
        private final DigitWire wireOfTwo = DigitWire.whole();

        PairState(Bench bench) {
            this.bench = bench;
            message = bench.pool.alone(1);
            one = bench.session(wireOfOne);
            two = bench.session(wireOfTwo);
            group.add(one);
            group.add(two);
        }

        /** How many members the broadcast reached, what each wrote, and what came back. */
        final void show(III_Result r) {
            r.r1 = heard;
            r.r2 = (int) (wireOfOne.digits() * 10 + wireOfTwo.digits());
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

    private static int has(SessionGroup group, Session session) {
        int[] count = new int[1];
        group.forEach(member -> count[0] += member == session ? 1 : 0);
        return count[0];
    }
}
