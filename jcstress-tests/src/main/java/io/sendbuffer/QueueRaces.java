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

/** Two senders, each of which offers and then flushes: one drainer, nothing stranded, nothing out of order. */
public class QueueRaces {
    /** A sender flushes after its offer, so when both are done nothing waits. */
    @JCStressTest
    @Description("Q1: send against send")
    @Outcome(
            id = {"12, 0, 2", "21, 0, 2"},
            expect = ACCEPTABLE,
            desc = "Both were written and released; the queue is at rest.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: it is queued, and no thread drains.")
    @Outcome(id = ".*, .*, [013]", expect = FORBIDDEN, desc = "A reference of the queue was lost, or released twice.")
    @State
    public static class Q1_NothingIsStranded extends QueueState {
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);

        @Actor
        public void first() {
            send(queue, one, wire);
        }

        @Actor
        public void second() {
            send(queue, two, wire);
        }

        @Arbiter
        public void end(III_Result r) {
            showQueuedAndFrees(r);
        }
    }

    /** The same race, narrowed to the moment when the drainer leaves as the other one arrives. */
    @JCStressTest
    @Description("Q1: a flush that runs dry against a send")
    @Outcome(id = "12, 0, 2", expect = ACCEPTABLE, desc = "Both were written and released; the queue is at rest.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: it is queued, and no thread drains.")
    @State
    public static class Q1_LastLookBeforeLeaving extends QueueState {
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);

        public Q1_LastLookBeforeLeaving() {
            queue.offer(one);
            one.release();
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            send(queue, two, wire);
        }

        @Arbiter
        public void end(III_Result r) {
            showQueuedAndFrees(r);
        }
    }

    /** Two concurrent flushes: one of them writes. */
    @JCStressTest
    @Description("Q2: flush against flush")
    @Outcome(id = "12, 0, 0", expect = ACCEPTABLE, desc = "One drainer wrote both, in order.")
    @Outcome(id = ".*, [^0], .*", expect = FORBIDDEN, desc = "Two writes of one queue overlapped.")
    @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "Two drainers broke the window: a flush threw.")
    @Outcome(id = ".*, 0, .*", expect = FORBIDDEN, desc = "A message was written twice, or never.")
    @State
    public static class Q2_OneWriteInFlight extends QueueState {
        public Q2_OneWriteInFlight() {
            queue.offer(pool.message(1));
            queue.offer(pool.message(2));
        }

        @Actor
        public void first() {
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void second() {
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = calls.threw() ? -1 : (int) wire.digits();
            r.r2 = wire.overlaps();
            r.r3 = queue.queuedMessages();
        }
    }

    /**
     * Two messages of one sender, and one of another that may come between them. They are neighbors in memory, so those
     * that wait together are coalesced.
     */
    @JCStressTest
    @Description("Q3: send, send against send")
    @Outcome(
            id = {"123, 0", "132, 0", "312, 0"},
            expect = ACCEPTABLE,
            desc = "Each was written once, and each sender's in its order.")
    @Outcome(
            id = {"213, 0", "231, 0", "321, 0"},
            expect = FORBIDDEN,
            desc = "One sender's messages were reordered.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was written twice, or never; or a flush threw.")
    @State
    public static class Q3_FirstInFirstOut extends QueueState {
        private final SendBuffer one = pool.message(1);
        private final SendBuffer two = pool.message(2);
        private final SendBuffer three = pool.message(3);

        @Actor
        public void first() {
            queue.offer(one);
            calls.run(() -> queue.flush(wire));
            queue.offer(two);
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void second() {
            queue.offer(three);
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = calls.threw() ? -1 : (int) wire.digits();
            r.r2 = queue.queuedMessages();
        }
    }

    /**
     * The ring alone: one thread takes messages out while another adds more. The sender does not flush, since its flush
     * would write what the drainer lost.
     */
    @JCStressTest
    @Description("Q14: flush of a queue that holds messages against offer, offer")
    @Outcome(id = "1234, 0", expect = ACCEPTABLE, desc = "Each was taken out once, and in order.")
    @Outcome(id = ".*, [^0].*", expect = FORBIDDEN, desc = "The ring lost a message that the queue still counts.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "A message was lost, taken twice, or out of order; or a flush threw.")
    @State
    public static class Q14_RingIsUnderTheLock extends QueueState {
        private final SendBuffer three = pool.message(3);
        private final SendBuffer four = pool.message(4);

        public Q14_RingIsUnderTheLock() {
            queue.offer(pool.message(1));
            queue.offer(pool.message(2));
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void sender() {
            queue.offer(three);
            queue.offer(four);
        }

        @Arbiter
        public void end(II_Result r) {
            calls.run(() -> queue.flush(wire));
            r.r1 = calls.threw() ? -1 : (int) wire.digits();
            r.r2 = queue.queuedMessages();
        }
    }

    /** A half-written message keeps its place at the head, and its reference. */
    @JCStressTest
    @Description("Q10: send against send, where a write takes one byte of two")
    @Outcome(
            id = {"1234, 0, 2", "3412, 0, 2"},
            expect = ACCEPTABLE,
            desc = "Each message is contiguous, and was released when it was written.")
    @Outcome(
            id = "1[34].*, .*, .*|3[12].*, .*, .*",
            expect = FORBIDDEN,
            desc = "One message was written within another.")
    @Outcome(id = ".*9.*, .*, .*", expect = FORBIDDEN, desc = "The rest of a message was written after it was freed.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class Q10_RestGoesFirst extends QueueState {
        private final SendBuffer one = pool.alone(1, 2);
        private final SendBuffer two = pool.alone(3, 4);

        public Q10_RestGoesFirst() {
            super(new SendQueue(), DigitWire.taking(1));
        }

        @Actor
        public void first() {
            sendAll(queue, one, wire);
        }

        @Actor
        public void second() {
            sendAll(queue, two, wire);
        }

        @Arbiter
        public void end(III_Result r) {
            showQueuedAndFrees(r);
        }
    }

    private static void send(SendQueue queue, SendBuffer message, DigitWire wire) {
        queue.offer(message);
        message.release();
        queue.flush(wire);
    }

    /** Flushes again as long as the channel leaves something, as a selector loop would. */
    private static void sendAll(SendQueue queue, SendBuffer message, DigitWire wire) {
        queue.offer(message);
        message.release();
        while (queue.flush(wire) == FlushResult.BLOCKED) {
            Thread.onSpinWait();
        }
    }
}
