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

/** One message in two queues: its references outlive both, and each queue has a position of its own. */
public class BroadcastRaces {
    /** A queue holds its reference before any thread can drain the message. */
    @JCStressTest
    @Description("R7: offer to two queues, release against a drain of the first")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Both queues wrote it, then it was freed once.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "It was freed while its sender still held a reference.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "A queue wrote memory that was freed.")
    @Outcome(id = ".*, .*, [02]", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class R7_RetainBeforeTheOffer extends TwoQueuesState {
        private static final int PATIENCE = 100;

        private final SendBuffer message = pool.alone(1);

        @Actor
        public void sender(III_Result r) {
            try {
                near.offer(message);
                far.offer(message);
                message.release();
            } catch (IllegalStateException e) {
                r.r1 = -1;
            }
        }

        /** Flushes until there is a message, to meet the end of the offer. */
        @Actor
        public void drainer() {
            for (int i = 0; i < PATIENCE && nearWire.digits() == 0; i++) {
                near.flush(nearWire);
            }
        }

        @Arbiter
        public void end(III_Result r) {
            near.flush(nearWire);
            far.flush(farWire);
            r.r1 = r.r1 == -1 ? -1 : (int) nearWire.digits();
            r.r2 = (int) farWire.digits();
            r.r3 = pool.frees();
        }
    }

    /** A broadcast retains once for all queues, and releases the reference that a closed queue refused. */
    @JCStressTest
    @Description("R7: retain for two, offer to two, give back, release against drain and close of the first")
    @Outcome(id = "[01], 1, 1", expect = ACCEPTABLE, desc = "Written by the queues that took it, then freed once.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "A queue wrote memory that was freed.")
    @Outcome(id = ".*, .*, [02]", expect = FORBIDDEN, desc = "A refused reference was lost, or released twice.")
    @State
    public static class R7_RefusedReferencesComeBack extends TwoQueuesState {
        private final SendBuffer message = pool.alone(1);

        @Actor
        public void broadcaster() {
            message.retain(2);
            int refused = near.offerRetained(message) == OfferResult.QUEUED ? 0 : 1;
            refused += far.offerRetained(message) == OfferResult.QUEUED ? 0 : 1;
            message.release(1 + refused);
        }

        @Actor
        public void closer() {
            near.flush(nearWire);
            near.close();
        }

        @Arbiter
        public void end(III_Result r) {
            far.flush(farWire);
            show(r);
        }
    }

    /** A write moves the position of the given view, so no two queues may hold the same view. */
    @JCStressTest
    @Description("R10: two queues drain one message")
    @Outcome(id = "123, 123, 1", expect = ACCEPTABLE, desc = "Each queue wrote all of it; then it was freed once.")
    @Outcome(id = ".*, .*, 1", expect = FORBIDDEN, desc = "One queue moved the other one's position.")
    @Outcome(id = ".*, .*, [02]", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class R10_EachHasItsPosition extends TwoQueuesState {
        public R10_EachHasItsPosition() {
            SendBuffer message = pool.alone(1, 2, 3).retain(2);
            near.offerRetained(message);
            far.offerRetained(message);
            message.release();
        }

        @Actor
        public void first() {
            near.flush(nearWire);
        }

        @Actor
        public void second() {
            far.flush(farWire);
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }
}
