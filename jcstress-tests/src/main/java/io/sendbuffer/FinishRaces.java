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

/** A queue that finishes ends in order: after what it accepted, and a thread completes the end. */
public class FinishRaces {
    /** An offer before the finish is written; an offer after it is refused. */
    @JCStressTest
    @Description("Q17: finish and flush against send")
    @Outcome(id = "0, 1, [12]", expect = ACCEPTABLE, desc = "Queued, written, and then the queue ended.")
    @Outcome(id = "2, 0, [12]", expect = ACCEPTABLE, desc = "Refused; the queue ended.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "The queue ended without what it had accepted.")
    @Outcome(id = ".*, .*, 0", expect = FORBIDDEN, desc = "No thread ended the queue, or none was notified.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was refused yet written, or came back twice, or never.")
    @State
    public static class Q17_FinishAgainstSend extends QueueState {
        private final SendBuffer one = pool.alone(1);
        private boolean finisherSawTheEnd;
        private boolean senderSawTheEnd;

        @Actor
        public void finisher() {
            queue.finish();
            finisherSawTheEnd = queue.flush(wire) == FlushResult.CLOSED;
        }

        @Actor
        public void sender(III_Result r) {
            r.r1 = Offers.digitOf(queue.offer(one));
            one.release();
            senderSawTheEnd = queue.flush(wire) == FlushResult.CLOSED;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = (int) wire.digits();
            r.r3 = pool.frees() == 1 ? ended(queue, finisherSawTheEnd, senderSawTheEnd) : -1;
        }
    }

    /** The drainer finds nothing more, and leaves, at the moment when the finisher finds it draining. */
    @JCStressTest
    @Description("Q17: a flush that runs dry against finish and flush")
    @Outcome(
            id = "1, 1, [12]",
            expect = ACCEPTABLE,
            desc = "The message was written, and one of the two ended the queue.")
    @Outcome(id = ".*, .*, 0", expect = FORBIDDEN, desc = "Each left the end to the other: the queue never ends.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The message was lost, or came back twice, or never.")
    @State
    public static class Q17_FinishAgainstLastLook extends QueueState {
        private boolean drainerSawTheEnd;
        private boolean finisherSawTheEnd;

        public Q17_FinishAgainstLastLook() {
            SendBuffer one = pool.alone(1);
            queue.offer(one);
            one.release();
        }

        @Actor
        public void drainer() {
            drainerSawTheEnd = queue.flush(wire) == FlushResult.CLOSED;
        }

        @Actor
        public void finisher() {
            queue.finish();
            finisherSawTheEnd = queue.flush(wire) == FlushResult.CLOSED;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
            r.r3 = ended(queue, drainerSawTheEnd, finisherSawTheEnd);
        }
    }

    /** The same for a write that completes later. */
    @JCStressTest
    @Description("Q17: a completion that finds nothing more against finish and begin")
    @Outcome(
            id = "1, 1, [12]",
            expect = ACCEPTABLE,
            desc = "The message was written, and one of the two ended the queue.")
    @Outcome(id = ".*, .*, 0", expect = FORBIDDEN, desc = "Each left the end to the other: the queue never ends.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The message was lost, or came back twice, or never.")
    @State
    public static class Q17_FinishAgainstCompletion extends QueueState {
        private final int pending;
        private boolean completionSawTheEnd;
        private boolean finisherSawTheEnd;

        public Q17_FinishAgainstCompletion() {
            SendBuffer one = pool.alone(1);
            queue.offer(one);
            one.release();
            pending = queue.beginWrite();
        }

        @Actor
        public void completion() {
            completionSawTheEnd = wire.takeAll(queue, pending) == SendQueue.ENDED;
        }

        @Actor
        public void finisher() {
            queue.finish();
            finisherSawTheEnd = queue.beginWrite() == SendQueue.ENDED;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
            r.r3 = ended(queue, completionSawTheEnd, finisherSawTheEnd);
        }
    }

    /** How many of the two calls reported that the queue ended; 0 if it did not. */
    private static int ended(SendQueue queue, boolean one, boolean other) {
        return queue.isClosed() ? (one ? 1 : 0) + (other ? 1 : 0) : 0;
    }
}
