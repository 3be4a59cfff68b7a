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

/** An evacuation against all that takes a message out of a queue before it is written: what it finds may be gone. */
public class MovedMessageRaces {
    private static final int PATIENCE = 200;
    private static final int MAX_DELAY = 128;

    /** Counted without a lock, which does no harm: the next delay. */
    private static int delays;

    /** An evacuation takes longer than what it races with, which begins at each of its steps in turn. */
    abstract static class Meeting extends EvacuationRaces.SparseChunks {
        private final int delay = delays++ & (MAX_DELAY - 1);

        Meeting(DigitWire wire) {
            super(wire);
        }

        /** Waits until the evacuation has begun, and a little longer than in the state before. */
        final void meetTheEvacuation() {
            Evacuation evacuation = pool.store.evacuation();
            for (int i = 0; i < PATIENCE && !evacuation.isBusyVolatile(); i++) {
                Thread.onSpinWait();
            }
            for (int i = 0; i < delay; i++) {
                Thread.onSpinWait();
            }
        }

        final void offerAndRelease(SendBuffer message) {
            calls.run(() -> queue.offer(message));
            message.release();
        }
    }

    /** A control message, 1, and a message that is the oldest that may be dropped, 2. */
    @JCStressTest
    @Description("M6: an evacuation against a send that drops the oldest message")
    @Outcome(id = "13, 0, 0", expect = ACCEPTABLE, desc = "It was dropped, moved or not, and the others are written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(
            id = "1*2.*, .*, .*",
            expect = FORBIDDEN,
            desc = "What was dropped was copied back, or another was dropped.")
    @Outcome(expect = FORBIDDEN, desc = "Other bytes were written, or a message never came back.")
    @State
    public static class M6_MovedOrDropped extends Meeting {
        private final SendBuffer more;

        public M6_MovedOrDropped() {
            super(DigitWire.whole());
            queue.limits(new QueueLimits(2, 2, 4, 4));
            queue.overrunPolicy(OverrunPolicy.skip());
            offerAndRelease(sparse(1).messageClass(MessageClass.CONTROL));
            offerSparse(2);
            more = pool.message(3);
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void sender() {
            meetTheEvacuation();
            offerAndRelease(more);
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> queue.flush(wire));
            show(r);
        }
    }

    /** A message with a key, 1, and one without, 5; the newer one is 3. */
    @JCStressTest
    @Description("M7: an evacuation against a send that replaces what waits")
    @Outcome(id = "35, 0, 0", expect = ACCEPTABLE, desc = "It was replaced in its place, moved or not.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(id = "15, .*, .*", expect = FORBIDDEN, desc = "The copy of the older one took the place of the newer one.")
    @Outcome(expect = FORBIDDEN, desc = "Both were written, in whatever order, or a message never came back.")
    @State
    public static class M7_MovedOrReplaced extends Meeting {
        private final SendBuffer newer;

        public M7_MovedOrReplaced() {
            super(DigitWire.whole());
            offerAndRelease(sparse(1).conflate(7));
            offerSparse(5);
            newer = pool.message(3).conflate(7);
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void sender() {
            meetTheEvacuation();
            offerAndRelease(newer);
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> queue.flush(wire));
            show(r);
        }
    }

    /** A message that has expired, 1, and one that has not, 2. */
    @JCStressTest
    @Description("M8: an evacuation against a flush that drops what has expired")
    @Outcome(id = "2, 0, 0", expect = ACCEPTABLE, desc = "It was dropped, moved or not, and the other one is written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(id = "1.*, .*, .*", expect = FORBIDDEN, desc = "The copy of what had expired was written.")
    @Outcome(expect = FORBIDDEN, desc = "Other bytes were written, or a message never came back.")
    @State
    public static class M8_MovedOrExpired extends Meeting {
        public M8_MovedOrExpired() {
            super(DigitWire.whole());
            SendBuffer expired = sparse(1);
            expired.expiresAt(AttributedSlice.nowMillis() - 1);
            offerAndRelease(expired);
            offerSparse(2);
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void drainer() {
            meetTheEvacuation();
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> queue.flush(wire));
            show(r);
        }
    }

    /** Two queues hold both messages, and the sender one of them: whoever is last may meet the original or the copy. */
    @JCStressTest
    @Description("M9: an evacuation against the end of one of two queues and the sender's release")
    @Outcome(id = "12, 0, 0", expect = ACCEPTABLE, desc = "The other queue wrote both, from wherever they were.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice, or used after its end.")
    @Outcome(expect = FORBIDDEN, desc = "Other bytes were written, or a message never came back.")
    @State
    public static class M9_MovedOrReleasedLast extends Meeting {
        private final SendQueue far = new SendQueue();
        private final SendBuffer first;

        public M9_MovedOrReleasedLast() {
            super(DigitWire.whole());
            first = offerToBoth(1);
            offerToBoth(2).release();
        }

        private SendBuffer offerToBoth(int digit) {
            SendBuffer message = sparse(digit);
            far.offer(message);
            queue.offer(message);
            return message;
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void closer() {
            meetTheEvacuation();
            calls.run(far::close);
            calls.run(first::release);
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> queue.flush(wire));
            show(r);
            r.r3 += far.queuedMessages();
        }
    }

    /** The first of two digits is written. */
    @JCStressTest
    @Description("M2: an evacuation of what a write left against a close")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "Moved or not, the rest came back.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "A message never came back.")
    @State
    public static class M2_RestIsMovedOrClosed extends Meeting {
        public M2_RestIsMovedOrClosed() {
            super(DigitWire.taking(1));
            offerSparse(1, 2);
            queue.flush(wire);
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void closer() {
            meetTheEvacuation();
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }
}
