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

/** Batches in one queue: kept together and whole, and released once, however the queue ends. */
public class BatchRaces {
    /** A message offered at the same time comes before a batch or after it. */
    @JCStressTest
    @Description("Q19: offer of a batch against offer of another one and of a single message")
    @Outcome(
            id = {"123456, 6", "451236, 6", "456123, 6"},
            expect = ACCEPTABLE,
            desc = "Each batch is contiguous, and each thread's order is kept.")
    @Outcome(id = ".*, 6", expect = FORBIDDEN, desc = "A message got into a batch, or was lost.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The memory did not come back, or came back twice.")
    @State
    public static class Q19_BatchesStayTogether extends QueueState {
        private final SendBatch one = batch(pool, 1, 2, 3);
        private final SendBatch two = batch(pool, 4, 5);
        private final SendBuffer single = pool.alone(6);

        @Actor
        public void sender() {
            queue.offer(one.seal());
            one.clear();
        }

        @Actor
        public void another() {
            queue.offer(two.seal());
            queue.offer(single);
            two.clear();
            single.release();
        }

        @Arbiter
        public void end(II_Result r) {
            queue.flush(wire);
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
        }
    }

    /** A drainer finds all of a batch, or none of it. */
    @JCStressTest
    @Description("Q19: offer of a batch against a flush")
    @Outcome(id = "123, 123, 3", expect = ACCEPTABLE, desc = "The flush found the batch.")
    @Outcome(id = "0, 123, 3", expect = ACCEPTABLE, desc = "The flush came before.")
    @Outcome(id = ".*, 123, 3", expect = FORBIDDEN, desc = "The flush ended with half of the batch.")
    @Outcome(id = ".*, .*, 3", expect = FORBIDDEN, desc = "A message was lost, duplicated, or out of order.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The memory did not come back, or came back twice.")
    @State
    public static class Q19_BatchIsFoundWhole extends QueueState {
        private final SendBatch batch = batch(pool, 1, 2, 3);

        @Actor
        public void sender() {
            queue.offer(batch.seal());
            batch.clear();
        }

        @Actor
        public void drainer(III_Result r) {
            queue.flush(wire);
            r.r1 = (int) wire.digits();
        }

        @Arbiter
        public void end(III_Result r) {
            queue.flush(wire);
            r.r2 = (int) wire.digits();
            r.r3 = pool.frees();
        }
    }

    /** Broadcasts as a group does: retain for all, offer and flush, release refused references. */
    @JCStressTest
    @Description("Q6: broadcast of a batch to two queues against the close of one")
    @Outcome(id = "(0|12), 12, 2", expect = ACCEPTABLE, desc = "Written or released, each once.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "A reference was released that was not held.")
    @Outcome(id = ".*, .*, 2", expect = FORBIDDEN, desc = "A queue wrote something else.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The memory did not come back, or came back twice.")
    @State
    public static class Q6_BatchAgainstClose extends TwoQueuesState {
        private final SendBatch batch = batch(pool, 1, 2);

        @Actor
        public void broadcaster() {
            calls.run(() -> broadcast(batch, near, nearWire, far, farWire));
        }

        @Actor
        public void closer() {
            calls.run(near::close);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = calls.threw() ? -1 : (int) nearWire.digits();
            r.r2 = (int) farWire.digits();
            r.r3 = pool.frees();
        }
    }

    /** Whichever thread drains, and however it releases. */
    @JCStressTest
    @Description("R5: broadcast of a batch to two queues against a flush of one, while a third holds its references")
    @Outcome(id = "12, 12, 2", expect = ACCEPTABLE, desc = "What is left is exactly the holder's references.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "A reference was released that was not held.")
    @Outcome(id = "12, 12, .*", expect = FORBIDDEN, desc = "A reference was lost, or the holder's was released.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A queue wrote something else.")
    @State
    public static class R5_BatchAgainstFlush extends TwoQueuesState {
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);
        private final SendBatch batch = new SendBatch().add(one).add(two);

        @Actor
        public void broadcaster() {
            calls.run(() -> broadcast(batch, near, nearWire, far, farWire));
        }

        @Actor
        public void drainer() {
            calls.run(() -> near.flush(nearWire));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = calls.threw() ? -1 : (int) nearWire.digits();
            r.r2 = (int) farWire.digits();
            r.r3 = Counted.releaseOf(one) + Counted.releaseOf(two);
        }
    }

    private static void broadcast(
            SendBatch batch, SendQueue near, DigitWire nearWire, SendQueue far, DigitWire farWire) {
        batch.seal().retain(2);
        int refused = offer(batch, near, nearWire) + offer(batch, far, farWire);
        if (refused > 0) {
            batch.release(refused);
        }
        batch.clear();
    }

    /** How often it was refused. */
    private static int offer(SendBatch batch, SendQueue queue, DigitWire wire) {
        if (queue.offerRetained(batch) != OfferResult.QUEUED) {
            return 1;
        }
        queue.flush(wire);
        return 0;
    }

    /** A batch of messages that only it holds, each in a chunk of its own. */
    static SendBatch batch(StripePool pool, int... digits) {
        SendBatch batch = new SendBatch();
        for (int digit : digits) {
            SendBuffer message = pool.alone(digit);
            batch.add(message);
            message.release();
        }
        return batch;
    }
}
