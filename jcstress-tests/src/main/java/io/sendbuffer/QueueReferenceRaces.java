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
 * R5: a queue releases its own reference once. The caller still holds its own, so that a reference released twice would
 * not show as a double free: it would silently take the caller's.
 */
public class QueueReferenceRaces {
    /** Both find the queue open, and one takes what is queued. */
    @JCStressTest
    @Description("R5: close against close, while the caller holds its references")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "What is left is exactly the caller's reference.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "Both took from the same ring, and one of them failed.")
    @Outcome(id = "[12], .*, .*", expect = FORBIDDEN, desc = "The caller's reference was released: freed under it.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "The queue's reference was lost: the memory never comes back.")
    @State
    public static class R5_CloseReleasesOnce {
        private final StripePool pool = new StripePool();
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);
        private final SendQueue queue = new SendQueue();
        private final Calls calls = new Calls();

        public R5_CloseReleasesOnce() {
            queue.offer(one);
            queue.offer(two);
        }

        @Actor
        public void first() {
            calls.run(queue::close);
        }

        @Actor
        public void second() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = calls.threw() ? -1 : pool.frees();
            r.r2 = Counted.releaseOf(one);
            r.r3 = Counted.releaseOf(two);
        }
    }

    /** One message is in flight and one is queued when the write fails, or when the close comes. */
    @JCStressTest
    @Description("R5: close against a flush on a failing channel, while the caller holds its references")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "What is left is exactly the caller's reference.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "Both took from the same ring, and one of them failed.")
    @Outcome(id = "[12], .*, .*", expect = FORBIDDEN, desc = "The caller's reference was released: freed under it.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "The queue's reference was lost: the memory never comes back.")
    @State
    public static class R5_FailureReleasesOnce extends QueueState {
        private static final QueueLimits ONE_MESSAGE = QueueLimits.DEFAULT.withMaxBytesPerWrite(1);

        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);

        public R5_FailureReleasesOnce() {
            super(new SendQueue(ONE_MESSAGE), DigitWire.broken());
            queue.offer(one);
            queue.offer(two);
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
            r.r1 = calls.threw() ? -1 : pool.frees();
            r.r2 = Counted.releaseOf(one);
            r.r3 = Counted.releaseOf(two);
        }
    }
}
