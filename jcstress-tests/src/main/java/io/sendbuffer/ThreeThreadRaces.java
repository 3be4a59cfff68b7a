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

/** Races of three threads that two threads cannot produce, or not as quickly. */
public class ThreeThreadRaces {
    /** The last reference may be the sender's, or that of either queue. */
    @JCStressTest
    @Description("R7: a broadcast to two queues against a drain of each")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Both queues wrote it, then it was freed once.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "It was freed while a reference was still held.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "A queue wrote memory that was freed.")
    @Outcome(id = ".*, .*, [02]", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class R7_BroadcastAgainstTwoDrains extends TwoQueuesState {
        private static final int PATIENCE = 100;

        private final SendBuffer message = pool.alone(1);

        @Actor
        public void sender() {
            calls.run(() -> {
                near.offer(message);
                far.offer(message);
                message.release();
            });
        }

        @Actor
        public void firstDrainer() {
            calls.run(() -> drain(near, nearWire));
        }

        @Actor
        public void secondDrainer() {
            calls.run(() -> drain(far, farWire));
        }

        @Arbiter
        public void end(III_Result r) {
            near.flush(nearWire);
            far.flush(farWire);
            r.r1 = calls.threw() ? -1 : (int) nearWire.digits();
            r.r2 = (int) farWire.digits();
            r.r3 = pool.frees();
        }

        /** Flushes until there is a message, to meet the end of the offer. */
        private static void drain(SendQueue queue, DigitWire wire) {
            for (int i = 0; i < PATIENCE && wire.digits() == 0; i++) {
                queue.flush(wire);
            }
        }
    }

    /** The close finds one sender draining, and the other one on its way in. */
    @JCStressTest
    @Description("Q6: send against send against close")
    @Outcome(id = "0, 2, 0", expect = ACCEPTABLE, desc = "Written or not, each came back once.")
    @Outcome(id = "1, .*, .*", expect = FORBIDDEN, desc = "The close freed what was being written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "Two released the same message.")
    @Outcome(id = ".*, [^2], .*", expect = FORBIDDEN, desc = "Memory came back twice, or never.")
    @Outcome(id = ".*, .*, [^0]", expect = FORBIDDEN, desc = "A message was queued after the close.")
    @State
    public static class Q6_TwoSendersAgainstClose extends QueueState {
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);

        @Actor
        public void first() {
            calls.run(() -> send(one));
        }

        @Actor
        public void second() {
            calls.run(() -> send(two));
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = Long.toString(wire.digits()).indexOf('9') < 0 ? 0 : 1;
            r.r2 = calls.threw() ? -1 : pool.frees();
            r.r3 = queue.queuedMessages();
        }

        private void send(SendBuffer message) {
            queue.offer(message);
            message.release();
            queue.flush(wire);
        }
    }
}
