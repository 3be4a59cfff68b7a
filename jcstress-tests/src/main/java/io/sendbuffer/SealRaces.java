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
import org.openjdk.jcstress.infra.results.I_Result;

/** R8: the writes of the bytes happen-before any drain of them, and the bytes never change afterward. */
public class SealRaces {
    /** An unsealed buffer is not sent, so a drainer never sees an incomplete message. */
    @JCStressTest
    @Description("R8: write, seal, offer, with an offer that comes too early, against a drain")
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "The complete message.")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Nothing yet.")
    @Outcome(id = "[39]", expect = FORBIDDEN, desc = "The message was drained before it was complete.")
    @State
    public static class R8_CompleteBeforeTheOffer extends QueueState {
        private final SendBuffer message = pool.allocate(8);

        @Actor
        public void writer() {
            message.putByte((byte) 3);
            try {
                queue.offer(message);
            } catch (IllegalStateException e) {
                // Refused, as it must be: the message is still being written.
            }
            message.putByte(0, (byte) 4);
            try {
                queue.offer(message.seal());
            } catch (IllegalStateException e) {
                // Only if the drain released a reference that it was never given.
            }
        }

        @Actor
        public void drainer(I_Result r) {
            queue.flush(wire);
            r.r1 = (int) wire.digits();
        }
    }

    /** The seal closes every way to write. */
    @JCStressTest
    @Description("R8: writes after the seal against a drain")
    @Outcome(id = "44", expect = ACCEPTABLE, desc = "The bytes as they were sealed.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A byte changed after the seal.")
    @State
    public static class R8_NoWriteAfterTheSeal extends QueueState {
        private final SendBuffer message = pool.message(4, 4);

        public R8_NoWriteAfterTheSeal() {
            queue.offer(message);
        }

        @Actor
        public void writer() {
            try {
                message.putByte(0, (byte) 5);
            } catch (IllegalStateException e) {
                // As it must be.
            }
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = (int) wire.digits();
        }
    }

    /** The next message starts where the sealed one ends, and not a byte earlier. */
    @JCStressTest
    @Description("R8: the writer of the next message against the drain of the sealed one")
    @Outcome(id = "44", expect = ACCEPTABLE, desc = "The bytes as they were sealed.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The next message was written over a byte that was sealed.")
    @State
    public static class R8_NeighborLeavesItAlone extends QueueState {
        public R8_NeighborLeavesItAlone() {
            SendBuffer message = pool.allocate(8);
            queue.offer(message.putByte((byte) 4).putByte((byte) 4).seal());
        }

        @Actor
        public void writer() {
            pool.message(5, 5);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = (int) wire.digits();
        }
    }
}
