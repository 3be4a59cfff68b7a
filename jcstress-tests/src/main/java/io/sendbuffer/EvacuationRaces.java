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

/** Messages that are moved to other memory, against all that reads and releases them. */
public class EvacuationRaces {
    /** A queue with messages that are the last ones of their chunks. */
    abstract static class SparseChunks {
        final StripePool pool = new StripePool(16, thrown -> reportedPlain());
        final SendQueue queue = new SendQueue();
        final DigitWire wire;
        final Calls calls = new Calls();
        private boolean reported;

        SparseChunks(DigitWire wire) {
            this.wire = wire;
        }

        private void reportedPlain() {
            reported = true;
        }

        final SendBuffer sparse(int... digits) {
            SendBuffer message = pool.message(digits);
            pool.allocate(StripePool.CHUNK).release(); // of the next chunk
            return message;
        }

        final void offerSparse(int... digits) {
            SendBuffer message = sparse(digits);
            queue.offer(message);
            message.release();
        }

        final void evacuate() {
            calls.run(() -> pool.store.evacuation().runToTheEnd());
        }

        /** Messages that are alive; -1 after a misuse. */
        final int alive() {
            return calls.threw() || reported ? -1 : (int) pool.store.stats(0).outstandingBuffers();
        }

        final void show(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = alive();
            r.r3 = queue.queuedMessages();
        }
    }

    @JCStressTest
    @Description("M1: an evacuation against a flush")
    @Outcome(id = "12, 0, 0", expect = ACCEPTABLE, desc = "Moved or not, both were written and came back.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "Other bytes were written, or a message never came back.")
    @State
    public static class M1_MovedOrWritten extends SparseChunks {
        public M1_MovedOrWritten() {
            super(DigitWire.whole());
            offerSparse(1);
            offerSparse(2);
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    @JCStressTest
    @Description("M2: an evacuation against a close")
    @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "Moved or not, all came back.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "A message never came back.")
    @State
    public static class M2_MovedOrClosed extends SparseChunks {
        public M2_MovedOrClosed() {
            super(DigitWire.whole());
            offerSparse(1);
            offerSparse(2);
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    @JCStressTest
    @Description("M3: an evacuation of what a write left against the flush that writes the rest")
    @Outcome(id = "123, 0, 0", expect = ACCEPTABLE, desc = "Moved or not, the rest was written, each byte once.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(id = ".*, .*, 1", expect = FORBIDDEN, desc = "A flush left it to a drainer that did not exist.")
    @Outcome(expect = FORBIDDEN, desc = "Other bytes were written, or a message never came back.")
    @State
    public static class M3_RestIsMovedOrWritten extends SparseChunks {
        public M3_RestIsMovedOrWritten() {
            super(DigitWire.taking(1));
            offerSparse(1, 2);
            offerSparse(3);
            queue.flush(wire); // the first digit
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    @JCStressTest
    @Description("M4: an evacuation of what two queues hold against the flush of one")
    @Outcome(id = "12, 0, 12", expect = ACCEPTABLE, desc = "Both queues wrote both, from wherever they were.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "Other bytes were written, or a message never came back.")
    @State
    public static class M4_OneCopyForTwo extends SparseChunks {
        private final SendQueue far = new SendQueue();
        private final DigitWire farWire = DigitWire.whole();

        public M4_OneCopyForTwo() {
            super(DigitWire.whole());
            offerToBoth(1);
            offerToBoth(2);
        }

        private void offerToBoth(int digit) {
            SendBuffer message = sparse(digit);
            queue.offer(message);
            far.offer(message);
            message.release();
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void drainer() {
            calls.run(() -> far.flush(farWire));
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> queue.flush(wire));
            r.r1 = (int) wire.digits();
            r.r2 = alive();
            r.r3 = (int) farWire.digits();
        }
    }

    @JCStressTest
    @Description("M5: an evacuation against an evacuation")
    @Outcome(id = "12, 0, 0", expect = ACCEPTABLE, desc = "One of them, or one after the other.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "Other bytes were written, or a message never came back.")
    @State
    public static class M5_OneThreadEvacuates extends SparseChunks {
        public M5_OneThreadEvacuates() {
            super(DigitWire.whole());
            offerSparse(1);
            offerSparse(2);
        }

        @Actor
        public void evacuator() {
            evacuate();
        }

        @Actor
        public void another() {
            evacuate();
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> queue.flush(wire));
            show(r);
        }
    }
}
