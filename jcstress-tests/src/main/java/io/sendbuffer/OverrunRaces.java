/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A message that drops older ones, against the drainer that takes them, and against a close. */
public class OverrunRaces {
    private static final QueueLimits TWO_BYTES = new QueueLimits(2, 2, 4, 4);

    /** A full queue of 1 and 2, and a message of 3. */
    abstract static class FullQueue extends QueueState {
        final SendBuffer more = pool.alone(3);

        FullQueue(OverrunPolicy policy) {
            super(new SendQueue(TWO_BYTES), DigitWire.whole());
            queue.overrunPolicy(policy);
            offerAlone(1);
            offerAlone(2);
        }

        final void offerMore() {
            calls.run(() -> queue.offer(more));
            more.release();
        }
    }

    @JCStressTest
    @Description("Q23: a send that drops the oldest against a flush")
    @Outcome(id = "123, 3, 0", expect = ACCEPTABLE, desc = "The flush was first: all are written.")
    @Outcome(id = "23, 3, 0", expect = ACCEPTABLE, desc = "The oldest was dropped, and the others are written.")
    @Outcome(id = "12, 3, 0", expect = ACCEPTABLE, desc = "Both were in the write: the new one was refused.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "A message is missing, comes twice, or was never released.")
    @State
    public static class Q23_DroppedOrWritten extends FullQueue {
        public Q23_DroppedOrWritten() {
            super(OverrunPolicy.skip());
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            offerMore();
        }

        @Arbiter
        public void end(III_Result r) {
            queue.flush(wire);
            showFreesAndQueued(r);
        }
    }

    @JCStressTest
    @Description("Q23: a send that drops the expendable message first, against a flush")
    @Outcome(id = "123, 3, 0", expect = ACCEPTABLE, desc = "The flush was first: all are written.")
    @Outcome(id = "13, 3, 0", expect = ACCEPTABLE, desc = "The expendable one was dropped, and not the oldest.")
    @Outcome(id = "12, 3, 0", expect = ACCEPTABLE, desc = "Both were in the write: the new one was refused.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was taken out twice, or one that was not there.")
    @Outcome(expect = FORBIDDEN, desc = "Another message is missing, or was never released.")
    @State
    public static class Q23_ExpendableOrWritten extends QueueState {
        private final SendBuffer more = pool.alone(3);

        public Q23_ExpendableOrWritten() {
            super(new SendQueue(TWO_BYTES.withWatermarks(2, 0)), DigitWire.whole());
            queue.overrunPolicy(OverrunPolicy.skip());
            offerAlone(1);
            SendBuffer expendable = pool.alone(2).messageClass(MessageClass.EXPENDABLE);
            queue.offer(expendable);
            expendable.release();
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void sender() {
            calls.run(() -> queue.offer(more));
            more.release();
        }

        @Arbiter
        public void end(III_Result r) {
            queue.flush(wire);
            showFreesAndQueued(r);
        }
    }

    @JCStressTest
    @Description("Q24: a notice of what a send drops against a flush")
    @Outcome(id = "123, 3", expect = ACCEPTABLE, desc = "All are written, and there is nothing to say.")
    @Outcome(id = "12, 3", expect = ACCEPTABLE, desc = "Both were in the write: the new one was refused.")
    @Outcome(id = "923, 4", expect = ACCEPTABLE, desc = "The notice is where the oldest is missing.")
    @Outcome(
            id = "92, 4",
            expect = ACCEPTABLE,
            desc = "Likewise, and the rest was in the write: the new one was refused.")
    @Outcome(id = "993, 5", expect = ACCEPTABLE, desc = "One was dropped before the notice was made, and one after.")
    @Outcome(id = "23.*, .*", expect = FORBIDDEN, desc = "The oldest is missing, and no notice is there.")
    @Outcome(expect = FORBIDDEN, desc = "A notice is elsewhere, or comes twice.")
    @State
    public static class Q24_NoticeIsWhereTheLossIs extends QueueState {
        private final SendBuffer more = pool.alone(3);

        public Q24_NoticeIsWhereTheLossIs() {
            super(new SendQueue(TWO_BYTES), DigitWire.whole());
            queue.overrunPolicy(OverrunPolicy.skip(gap -> pool.alone(9)));
            offerAlone(1);
            offerAlone(2);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            queue.offer(more);
            more.release();
        }

        @Arbiter
        public void end(II_Result r) {
            queue.flush(wire);
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
        }
    }

    @JCStressTest
    @Description("Q23: a send that drops the oldest against a close")
    @Outcome(id = "0, 3, 0", expect = ACCEPTABLE, desc = "All came back, dropped or not.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was dropped and released by the close.")
    @Outcome(expect = FORBIDDEN, desc = "A message never came back.")
    @State
    public static class Q23_DropAgainstClose extends FullQueue {
        public Q23_DropAgainstClose() {
            super(OverrunPolicy.skip());
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Actor
        public void sender() {
            offerMore();
        }

        @Arbiter
        public void end(III_Result r) {
            showFreesAndQueued(r);
        }
    }

    /** The look is of a time by which what waits is too old. */
    @JCStressTest
    @Description("Q25: a look at the age against the flush that writes what is too old")
    @Outcome(id = "0, 12", expect = ACCEPTABLE, desc = "It refuses nothing once it is empty.")
    @Outcome(id = "[^0]+, .*", expect = FORBIDDEN, desc = "The queue is empty, and refuses for age.")
    @State
    public static class Q25_EmptyQueueRefusesNothing extends QueueState {
        private static final long LATER = 100_000_000_000L;

        private final long start = System.nanoTime();
        private final SendBuffer more = pool.alone(3);

        public Q25_EmptyQueueRefusesNothing() {
            super(new SendQueue(TWO_BYTES.withMaxAge(Duration.ofSeconds(1))), DigitWire.whole());
            offerAlone(1);
            offerAlone(2);
            queue.isOverdue(start);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void clock() {
            queue.isOverdue(start + LATER);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = Offers.digitOf(queue.offer(more));
            r.r2 = (int) wire.digits();
            queue.close();
        }
    }
}
