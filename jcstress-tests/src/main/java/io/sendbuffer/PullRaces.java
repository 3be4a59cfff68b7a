/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Threads that mark a value, against the drainer that asks for it, and against the end. */
public class PullRaces {
    /** One value, a plain field: the mark alone publishes it. */
    abstract static class OneValue extends QueueState {
        private int value;
        private final AtomicInteger asked = new AtomicInteger();

        OneValue(int first) {
            queue.pullFrom(this::newest, 1);
            value = first;
            queue.mark(0);
        }

        private SendBuffer newest(int key) {
            asked.incrementAndGet();
            return pool.alone(value);
        }

        final void update(int changed) {
            value = changed;
            queue.mark(0);
        }

        /** How many values never came back, or came back twice. */
        final int lost() {
            return asked.get() - pool.frees();
        }
    }

    @JCStressTest
    @Description("Q29: a mark against a drain")
    @Outcome(
            id = {"12", "2", "22"},
            expect = ACCEPTABLE,
            desc = "The newest value is the last one.")
    @Outcome(expect = FORBIDDEN, desc = "The newest value was not asked for.")
    @State
    public static class Q29_MarkAgainstDrain extends OneValue {
        public Q29_MarkAgainstDrain() {
            super(1);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void marker() {
            update(2);
            queue.flush(wire);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = (int) wire.digits();
        }
    }

    @JCStressTest
    @Description("Q29: a mark against a drain whose writes complete later")
    @Outcome(
            id = {"12", "2", "22"},
            expect = ACCEPTABLE,
            desc = "The newest value is the last one.")
    @Outcome(expect = FORBIDDEN, desc = "The newest value was not asked for.")
    @State
    public static class Q29_MarkAgainstCompletion extends OneValue {
        public Q29_MarkAgainstCompletion() {
            super(1);
        }

        @Actor
        public void drainer() {
            wire.takeAll(queue, queue.beginWrite());
        }

        @Actor
        public void marker() {
            update(2);
            wire.takeAll(queue, queue.beginWrite());
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = (int) wire.digits();
        }
    }

    @JCStressTest
    @Description("Q29: marks of two keys")
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "Both are asked for.")
    @Outcome(expect = FORBIDDEN, desc = "One is lost.")
    @State
    public static class Q29_TwoKeys extends QueueState {
        public Q29_TwoKeys() {
            queue.pullFrom(key -> pool.alone(key + 1), 2);
        }

        @Actor
        public void one() {
            queue.mark(0);
        }

        @Actor
        public void other() {
            queue.mark(1);
        }

        @Arbiter
        public void end(I_Result r) {
            queue.flush(wire);
            r.r1 = (int) wire.digits();
        }
    }

    @JCStressTest
    @Description("Q30: a drain that asks for a value against a close")
    @Outcome(
            id = {"0, 0, 0", "1, 0, 0"},
            expect = ACCEPTABLE,
            desc = "The value was written, or came back.")
    @Outcome(expect = FORBIDDEN, desc = "The value was counted after the end, or never came back.")
    @State
    public static class Q30_AskedAgainstClose extends OneValue {
        public Q30_AskedAgainstClose() {
            super(1);
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = calls.threw() ? -1 : lost();
            r.r3 = queue.queuedMessages();
        }
    }

    @JCStressTest
    @Description("Q30: a mark against the end in order")
    @Outcome(
            id = {"1, 1", "2, 1", "12, 1", "22, 1"},
            expect = ACCEPTABLE,
            desc = "What was marked before was written.")
    @Outcome(expect = FORBIDDEN, desc = "It was lost, or the queue did not end.")
    @State
    public static class Q30_MarkAgainstFinish extends OneValue {
        public Q30_MarkAgainstFinish() {
            super(1);
        }

        @Actor
        public void finisher() {
            queue.finish();
            queue.flush(wire);
        }

        @Actor
        public void marker() {
            update(2);
            queue.flush(wire);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = queue.isClosed() ? 1 : 0;
        }
    }
}
