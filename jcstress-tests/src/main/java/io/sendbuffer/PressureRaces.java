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

/** A send that passes the high watermark against what drains below the low one, and against what takes the changes. */
public class PressureRaces {
    /** Not writable with more than one byte, until it is empty. */
    private static final QueueLimits ONE_BYTE = new QueueLimits(4, 4, 4, 4).withWatermarks(1, 0);

    @JCStressTest
    @Description("Q15: a send above the high watermark against a drain below the low one")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It is empty and writable, and that is the last change.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "It is empty, and not writable.")
    @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "The last change that is taken does not agree with the state.")
    @State
    public static class Q15_LastChangeAgreesWithTheState extends QueueState {
        private final SendBuffer more = pool.alone(1, 2);

        public Q15_LastChangeAgreesWithTheState() {
            super(new SendQueue(ONE_BYTE), DigitWire.whole());
        }

        @Actor
        public void drainer() {
            while (wire.digits() == 0) {
                queue.flush(wire);
            }
        }

        @Actor
        public void sender() {
            queue.offer(more);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = queue.isWritable() ? 1 : 0;
            r.r2 = lastIsFell(queue) ? 1 : 0;
        }
    }

    /** What follows the last rise; a drain that comes after it says the same. */
    private static boolean lastIsFell(SendQueue queue) {
        boolean fell = false;
        PressureChange change;
        while ((change = queue.takePressureChange()) != PressureChange.NONE) {
            fell = change != PressureChange.ROSE;
        }
        return fell;
    }

    @JCStressTest
    @Description("Q15: a change against the thread that takes the one before")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The fall was taken, then the rise, each once.")
    @Outcome(expect = FORBIDDEN, desc = "A change is lost, or was taken twice.")
    @State
    public static class Q15_EachChangeIsTakenOnce extends QueueState {
        private final SendBuffer more = pool.alone(2, 3);
        private int falls;
        private int rises;

        public Q15_EachChangeIsTakenOnce() {
            super(new SendQueue(ONE_BYTE), DigitWire.whole());
            offerAlone(1, 1);
            queue.takePressureChange();
            queue.flush(wire);
        }

        @Actor
        public void taker() {
            takeAll();
        }

        @Actor
        public void sender() {
            queue.offer(more);
        }

        private void takeAll() {
            PressureChange change;
            while ((change = queue.takePressureChange()) != PressureChange.NONE) {
                falls += change == PressureChange.FELL ? 1 : 0;
                rises += change == PressureChange.ROSE ? 1 : 0;
            }
        }

        @Arbiter
        public void end(II_Result r) {
            takeAll();
            r.r1 = falls;
            r.r2 = rises;
            queue.close();
        }
    }

    @JCStressTest
    @Description("Q15: a change while the owner is being notified of another one")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The owner was notified after each change, and took them all.")
    @Outcome(expect = FORBIDDEN, desc = "No thread notified the owner of the last change.")
    @State
    public static class Q15_OwnerIsNotifiedOfTheLastChange implements QueueOwner {
        private final StripePool pool = new StripePool();
        private final SendQueue queue = new SendQueue(ONE_BYTE, this);
        private final DigitWire wire = DigitWire.whole();
        private final SendBuffer more = pool.alone(1, 2);
        private final SendBuffer last = pool.alone(3);

        @Actor
        public void sender() {
            queue.offer(more);
            queue.offer(last);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Override
        public synchronized void onPressure() {
            PressureChange change;
            do {
                change = queue.takePressureChange();
            } while (change != PressureChange.NONE);
        }

        @Override
        public void onSlowConsumer(SlowConsumerException cause) {
            throw new AssertionError(cause);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = queue.hasPressureChange() ? 1 : 0;
            r.r2 = queue.takePressureChange() == PressureChange.NONE ? 0 : 1;
            queue.close();
        }
    }
}
