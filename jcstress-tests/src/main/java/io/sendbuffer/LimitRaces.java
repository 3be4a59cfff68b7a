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

/** Senders at a hard limit of a queue, against each other and against the drainer that makes room. */
public class LimitRaces {
    /** What one actor got from the queue, and the most that it ever saw in it. */
    private static final class Seen {
        private int taken;
        private int refused;
        private long most;
    }

    /**
     * A queue that holds a message of one digit, 5, and has room for one of two that are sent. Each write takes one
     * byte, so that the drainer makes room bit by bit.
     */
    abstract static class FillingQueue extends QueueState {
        /** The limit of the test. */
        private final OfferResult why;

        private final Seen ofFirst = new Seen();
        private final Seen ofSecond = new Seen();
        private final Seen ofDrainer = new Seen();

        FillingQueue(QueueLimits limits, OfferResult why) {
            super(new SendQueue(limits), DigitWire.taking(1));
            this.why = why;
            offerAlone(5);
        }

        final void sendFirst(SendBuffer message) {
            note(queue.offer(message), ofFirst);
            message.release();
        }

        final void sendFirst(SendBatch batch) {
            note(queue.offer(batch), ofFirst);
            batch.clear();
        }

        final void sendSecond(SendBuffer message) {
            note(queue.offer(message), ofSecond);
            message.release();
        }

        private void note(OfferResult result, Seen seen) {
            seen.taken += result == OfferResult.QUEUED ? 1 : 0;
            seen.refused += result == why ? 1 : 0;
            look(seen);
        }

        final void drain() {
            for (int i = 0; i < 3; i++) {
                queue.flush(wire);
                look(ofDrainer);
            }
        }

        private void look(Seen seen) {
            long waiting = why == OfferResult.REFUSED_BYTES ? queue.queuedBytes() : queue.queuedMessages();
            seen.most = Math.max(seen.most, waiting);
        }

        /** The most that was seen, what was written, and how many were taken, if that adds up with the refusals. */
        final void show(III_Result r) {
            r.r1 = (int) Math.max(ofDrainer.most, Math.max(ofFirst.most, ofSecond.most));
            RefusedOffers counts = queue.stats().refused();
            long counted = why == OfferResult.REFUSED_BYTES ? counts.bytes() : counts.messages();
            int refused = ofFirst.refused + ofSecond.refused;
            int taken = ofFirst.taken + ofSecond.taken;
            while (queue.flush(wire) == FlushResult.BLOCKED) {}
            r.r2 = (int) wire.digits();
            r.r3 = counted == refused && counts.byLimits() == counted && taken + refused == 2 ? taken : -1;
        }
    }

    @JCStressTest
    @Description("Q33: two senders at the limit in bytes, against a drainer")
    @Outcome(id = "[0-3], (511|522), 1", expect = ACCEPTABLE, desc = "One was taken, and the other one refused.")
    @Outcome(id = "[0-3], (51122|52211), 2", expect = ACCEPTABLE, desc = "The drainer made room for the other one.")
    @Outcome(id = "[^0-3].*, .*, .*", expect = FORBIDDEN, desc = "More bytes waited than the limit allows.")
    @Outcome(id = ".*, .*, -1", expect = FORBIDDEN, desc = "What was refused is not what the queue has counted.")
    @Outcome(expect = FORBIDDEN, desc = "A message was taken in part, or refused though there was room.")
    @State
    public static class Q33_BytesAreStrict extends FillingQueue {
        private final SendBuffer first = pool.alone(1, 1);
        private final SendBuffer second = pool.alone(2, 2);

        public Q33_BytesAreStrict() {
            super(new QueueLimits(3, 100, 4, 4), OfferResult.REFUSED_BYTES);
        }

        @Actor
        public void oneSender() {
            sendFirst(first);
        }

        @Actor
        public void anotherSender() {
            sendSecond(second);
        }

        @Actor
        public void drainer() {
            drain();
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    @JCStressTest
    @Description("Q33: two senders at the limit in messages, against a drainer")
    @Outcome(id = "[0-2], (511|522), 1", expect = ACCEPTABLE, desc = "One was taken, and the other one refused.")
    @Outcome(id = "[0-2], (51122|52211), 2", expect = ACCEPTABLE, desc = "The drainer made room for the other one.")
    @Outcome(id = "[^0-2].*, .*, .*", expect = FORBIDDEN, desc = "More messages waited than the limit allows.")
    @Outcome(id = ".*, .*, -1", expect = FORBIDDEN, desc = "What was refused is not what the queue has counted.")
    @Outcome(expect = FORBIDDEN, desc = "A message was taken in part, or refused though there was room.")
    @State
    public static class Q33_MessagesAreStrict extends FillingQueue {
        private final SendBuffer first = pool.alone(1, 1);
        private final SendBuffer second = pool.alone(2, 2);

        public Q33_MessagesAreStrict() {
            super(new QueueLimits(100, 2, 4, 4), OfferResult.REFUSED_MESSAGES);
        }

        @Actor
        public void oneSender() {
            sendFirst(first);
        }

        @Actor
        public void anotherSender() {
            sendSecond(second);
        }

        @Actor
        public void drainer() {
            drain();
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    @JCStressTest
    @Description("Q33: a batch and a message at the limit in messages, against a drainer")
    @Outcome(id = "[0-3], (512|53), 1", expect = ACCEPTABLE, desc = "One was taken, and the other one refused.")
    @Outcome(id = "[0-3], (5123|5312), 2", expect = ACCEPTABLE, desc = "The drainer made room for the other one.")
    @Outcome(id = "[^0-3].*, .*, .*", expect = FORBIDDEN, desc = "More messages waited than the limit allows.")
    @Outcome(id = ".*, .*, -1", expect = FORBIDDEN, desc = "What was refused is not what the queue has counted.")
    @Outcome(expect = FORBIDDEN, desc = "The batch was taken in part, or refused though there was room.")
    @State
    public static class Q33_BatchIsTakenWhole extends FillingQueue {
        private final SendBatch batch = BatchRaces.batch(pool, 1, 2).seal();
        private final SendBuffer message = pool.alone(3);

        public Q33_BatchIsTakenWhole() {
            super(new QueueLimits(100, 3, 4, 4), OfferResult.REFUSED_MESSAGES);
        }

        @Actor
        public void batcher() {
            sendFirst(batch);
        }

        @Actor
        public void sender() {
            sendSecond(message);
        }

        @Actor
        public void drainer() {
            drain();
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    @JCStressTest
    @Description("Q33: two senders at a queue that is full")
    @Outcome(id = "4, 4", expect = ACCEPTABLE, desc = "Each was refused twice, and that is what the queue says.")
    @Outcome(id = "4, .*", expect = FORBIDDEN, desc = "A refusal was not counted, or counted twice.")
    @Outcome(expect = FORBIDDEN, desc = "A message was taken, or refused for something else.")
    @State
    public static class Q33_RefusalsAreCounted extends QueueState {
        private final SendBuffer message = pool.alone(1);
        private int refusedFirst;
        private int refusedSecond;

        public Q33_RefusalsAreCounted() {
            super(new SendQueue(new QueueLimits(1, 1, 4, 4)), DigitWire.whole());
            offerAlone(5);
        }

        private int refusedOfTwo() {
            int refused = queue.offer(message) == OfferResult.REFUSED_BYTES ? 1 : 0;
            return refused + (queue.offer(message) == OfferResult.REFUSED_BYTES ? 1 : 0);
        }

        @Actor
        public void oneSender() {
            refusedFirst = refusedOfTwo();
        }

        @Actor
        public void anotherSender() {
            refusedSecond = refusedOfTwo();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = refusedFirst + refusedSecond;
            r.r2 = (int) queue.stats().refused().bytes();
            message.release();
            queue.close();
        }
    }
}
