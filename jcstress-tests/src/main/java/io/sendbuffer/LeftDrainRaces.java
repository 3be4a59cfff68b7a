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
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The end of a queue whose drainer met the end of its stack: another thread ends it for it, and only one. What a second
 * release of a message throws is added to the cause of the end.
 */
public class LeftDrainRaces {
    /** A close and a flush find that no thread drains any more. */
    @JCStressTest
    @Description("Q22: a left drain, a close and a flush")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "One of the two ended the queue, and all memory came back once.")
    @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "Both released the messages.")
    @Outcome(id = "[01], .*", expect = FORBIDDEN, desc = "A message was kept forever.")
    @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "The queue still holds its messages.")
    @State
    public static class Q22_LeftDrainIsEndedOnce extends QueueState {
        private final StackOverflowError noStack = new StackOverflowError("raced");

        public Q22_LeftDrainIsEndedOnce() {
            queueAlone(pool, 1, queue);
            queue.beginWrite();
            queueAlone(pool, 2, queue);
            queue.leftBy = noStack;
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Actor
        public void flusher() {
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = calls.threw() || noStack.getSuppressed().length > 0 ? -1 : pool.frees();
            r.r2 = queue.holder.hasReleasedAll() ? 1 : 0;
        }
    }

    /** The drainer leaves while another thread closes: whichever came first, the next close finds all. */
    @JCStressTest
    @Description("Q22: a drain that is being left against a close")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "All memory came back once.")
    @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "Both released the messages.")
    @Outcome(id = "[01], .*", expect = FORBIDDEN, desc = "A message was kept forever.")
    @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "The queue still holds its messages.")
    @State
    public static class Q22_LeavingAgainstClose {
        private final StripePool pool = new StripePool();
        private final SendQueue queue = new SendQueue();
        private final StackOverflowError noStack = new StackOverflowError("raced");
        private final Calls calls = new Calls();

        public Q22_LeavingAgainstClose() {
            queueAlone(pool, 1, queue);
            queue.beginWrite();
            queueAlone(pool, 2, queue);
        }

        @Actor
        public void drainer() {
            queue.leftBy = noStack;
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(II_Result r) {
            queue.close();
            r.r1 = calls.threw() || noStack.getSuppressed().length > 0 ? -1 : pool.frees();
            r.r2 = queue.holder.hasReleasedAll() ? 1 : 0;
        }
    }

    private static void queueAlone(StripePool pool, int digit, SendQueue queue) {
        SendBuffer message = pool.alone(digit);
        queue.offer(message);
        message.release();
    }
}
