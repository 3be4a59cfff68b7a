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

/** A queue that finishes with a last message: that is written once, and nothing after it. */
public class FarewellRaces {
    /** The last message is a 9. */
    abstract static class LastWord extends QueueState {
        final SendBuffer last = pool.alone(9);

        final boolean finish(SendBuffer message) {
            boolean accepted = queue.finish(message);
            message.release();
            return accepted;
        }
    }

    @JCStressTest
    @Description("Q31: finish with a last message and flush against send and flush")
    @Outcome(id = "0, 19, 2", expect = ACCEPTABLE, desc = "Queued, and written before the last message.")
    @Outcome(id = "2, 9, 2", expect = ACCEPTABLE, desc = "Refused.")
    @Outcome(id = ".*, 91, .*", expect = FORBIDDEN, desc = "A message follows the last one.")
    @Outcome(expect = FORBIDDEN, desc = "A message was lost, or came back twice, or never.")
    @State
    public static class Q31_FarewellAgainstSend extends LastWord {
        private final SendBuffer one = pool.alone(1);

        @Actor
        public void finisher() {
            finish(last);
            queue.flush(wire);
        }

        @Actor
        public void sender(III_Result r) {
            r.r1 = Offers.digitOf(queue.offer(one));
            one.release();
            queue.flush(wire);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = (int) wire.digits();
            r.r3 = pool.frees();
        }
    }

    @JCStressTest
    @Description("Q31: two threads, each with a last message")
    @Outcome(
            id = {"1, 9, 2", "2, 8, 2"},
            expect = ACCEPTABLE,
            desc = "One of them is accepted, and written.")
    @Outcome(expect = FORBIDDEN, desc = "Both or none is accepted, or another one is written, or one never comes back.")
    @State
    public static class Q31_TwoFarewells extends LastWord {
        private final SendBuffer other = pool.alone(8);
        private boolean isFirst;
        private boolean isSecond;

        @Actor
        public void one() {
            isFirst = finish(last);
        }

        @Actor
        public void other() {
            isSecond = finish(other);
        }

        @Arbiter
        public void end(III_Result r) {
            queue.flush(wire);
            r.r1 = (isFirst ? 1 : 0) + (isSecond ? 2 : 0);
            r.r2 = (int) wire.digits();
            r.r3 = pool.frees();
        }
    }

    @JCStressTest
    @Description("Q31: finish with a last message and flush against a mark")
    @Outcome(
            id = {"9, 0", "19, 0"},
            expect = ACCEPTABLE,
            desc = "The value was written before the last message, or not.")
    @Outcome(id = "9.+, .*", expect = FORBIDDEN, desc = "A value follows the last message.")
    @Outcome(expect = FORBIDDEN, desc = "The last message was lost, or came back twice, or never.")
    @State
    public static class Q31_FarewellAgainstMark extends LastWord {
        private int asked;

        public Q31_FarewellAgainstMark() {
            queue.pullFrom(
                    key -> {
                        asked++;
                        return pool.alone(1);
                    },
                    1);
        }

        @Actor
        public void finisher() {
            finish(last);
            queue.flush(wire);
        }

        @Actor
        public void marker() {
            queue.mark(0);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = asked + 1 - pool.frees();
        }
    }

    @JCStressTest
    @Description("Q31: a flush after finish with a last message against close")
    @Outcome(
            id = {"0, 1, 0", "9, 1, 0", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "The last message was written, or is counted as lost.")
    @Outcome(expect = FORBIDDEN, desc = "It was counted wrongly, or came back twice, or never.")
    @State
    public static class Q31_FarewellAgainstClose extends LastWord {
        @Actor
        public void finisher() {
            calls.run(() -> {
                finish(last);
                queue.flush(wire);
            });
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = calls.threw() ? -1 : pool.frees();
            r.r3 = queue.unwrittenMessages();
        }
    }

    @JCStressTest
    @Description("Q31: a completion that finds nothing more against finish with a last message and begin")
    @Outcome(id = "19, 2, 1", expect = ACCEPTABLE, desc = "Both were written, and the queue ended.")
    @Outcome(expect = FORBIDDEN, desc = "The last message was lost, or came back twice, or never.")
    @State
    public static class Q31_FarewellAgainstCompletion extends LastWord {
        private final int pending;

        public Q31_FarewellAgainstCompletion() {
            offerAlone(1);
            pending = queue.beginWrite();
        }

        @Actor
        public void completion() {
            wire.takeAll(queue, pending);
        }

        @Actor
        public void finisher() {
            finish(last);
            wire.takeAll(queue, queue.beginWrite());
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
            r.r3 = queue.isClosed() ? 1 : 0;
        }
    }
}
