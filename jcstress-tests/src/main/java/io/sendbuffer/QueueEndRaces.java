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

/**
 * The end of a queue, by close or by a failed write: every reference comes back once, and nothing is queued afterward.
 */
public class QueueEndRaces {
    /** The close gives back an offer that came before it; an offer after it is refused. */
    @JCStressTest
    @Description("Q6: offer against close")
    @Outcome(
            id = {"0, 1, 0", "2, 1, 0"},
            expect = ACCEPTABLE,
            desc = "Queued and given back, or refused: the memory came back once.")
    @Outcome(id = ".*, 0, .*", expect = FORBIDDEN, desc = "A closed queue kept the message forever.")
    @Outcome(id = ".*, .*, [^0]", expect = FORBIDDEN, desc = "A message was queued after the close.")
    @State
    public static class Q6_OfferAgainstClose {
        private final StripePool pool = new StripePool();
        private final SendBuffer message = pool.alone(1);
        private final SendQueue queue = new SendQueue();

        @Actor
        public void sender(III_Result r) {
            r.r1 = Offers.digitOf(queue.offer(message));
            message.release();
        }

        @Actor
        public void closer() {
            queue.close();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = pool.frees();
            r.r3 = queue.queuedMessages();
        }
    }

    /** The close finds the queue in the middle of a drain, or the drain finds the close. */
    @JCStressTest
    @Description("Q6: send against close")
    @Outcome(id = "[01], 1, 0", expect = ACCEPTABLE, desc = "Written or not, the memory came back once.")
    @Outcome(id = "9, .*, .*", expect = FORBIDDEN, desc = "The close freed what was being written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "The drainer and the close both released the message.")
    @Outcome(id = ".*, [02], .*", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @Outcome(id = ".*, .*, [^0]", expect = FORBIDDEN, desc = "A message was queued after the close.")
    @State
    public static class Q6_SendAgainstClose extends QueueState {
        private final SendBuffer message = pool.alone(1);

        @Actor
        public void sender() {
            queue.offer(message);
            message.release();
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            showFreesAndQueued(r);
        }
    }

    /** A write was cut short and its rest waits in the window: close has to find it there. */
    @JCStressTest
    @Description("Q6: the flush of a rest against close")
    @Outcome(id = "12?, 1, 0", expect = ACCEPTABLE, desc = "Written to its end or not, the memory came back once.")
    @Outcome(id = ".*9, .*, .*", expect = FORBIDDEN, desc = "The close freed what was being written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "The drainer and the close both released the message.")
    @Outcome(id = ".*, [02], .*", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class Q6_RestAgainstClose extends QueueState {

        public Q6_RestAgainstClose() {
            super(new SendQueue(), DigitWire.taking(1));
            offerAlone(1, 2);
            queue.flush(wire);
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
            showFreesAndQueued(r);
        }
    }

    /** One message per write, so that some are in flight and some are queued when the write fails. */
    @JCStressTest
    @Description("Q7: send, send against send on a channel that fails")
    @Outcome(id = "3, 0, 2", expect = ACCEPTABLE, desc = "All references came back once, and later sends are refused.")
    @Outcome(
            id = "[012], .*, .*",
            expect = FORBIDDEN,
            desc = "The failure kept a message, in flight or queued, forever.")
    @Outcome(id = ".*, [^0], .*", expect = FORBIDDEN, desc = "A message was queued after the failure.")
    @Outcome(id = ".*, .*, [01]", expect = FORBIDDEN, desc = "A failed queue still accepts messages.")
    @State
    public static class Q7_FailureReleasesAll extends QueueState {
        private static final QueueLimits ONE_MESSAGE = QueueLimits.DEFAULT.withMaxBytesPerWrite(1);

        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);
        private final SendBuffer three = pool.alone(3);

        public Q7_FailureReleasesAll() {
            super(new SendQueue(ONE_MESSAGE), DigitWire.broken());
        }

        @Actor
        public void first() {
            queue.offer(one);
            one.release();
            queue.offer(two);
            two.release();
            queue.flush(wire);
        }

        @Actor
        public void second() {
            queue.offer(three);
            three.release();
            queue.flush(wire);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = pool.frees();
            r.r2 = queue.queuedMessages();
            SendBuffer late = pool.alone(4);
            r.r3 = Offers.digitOf(queue.offer(late));
        }
    }
}
