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

/** A write that sends, and calls under the lock: there must be none. */
public class ReentrantWriteRaces {
    /**
     * A flush from within a write finds the drain claimed, and leaves its message to the drainer that made the write.
     */
    @JCStressTest
    @Description("Q11: send against send on a channel that sends one more in each of its first two writes")
    @Outcome(id = "1, 4, 0", expect = ACCEPTABLE, desc = "All were written, one write after the other.")
    @Outcome(
            id = "[^01], .*, .*",
            expect = FORBIDDEN,
            desc = "A write was started within a write: the stack grows with each message until it overflows.")
    @Outcome(id = ".*, [^4]+, .*", expect = FORBIDDEN, desc = "A message was written twice, or never.")
    @Outcome(id = ".*, .*, [^0]", expect = FORBIDDEN, desc = "A message that a write sent is stranded.")
    @State
    public static class Q11_WritesAreNotNested {
        private final StripePool pool = new StripePool();
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);
        private final SendQueue queue = new SendQueue();
        private final SendingWire wire = new SendingWire(queue, pool.alone(3), pool.alone(4));

        @Actor
        public void first() {
            send(queue, one, wire);
        }

        @Actor
        public void second() {
            send(queue, two, wire);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = wire.deepest();
            r.r2 = wire.written();
            r.r3 = queue.queuedMessages();
        }
    }

    /**
     * A channel may block, take a lock of its own, or send; under the queue's lock each of these would block every
     * sender.
     */
    @JCStressTest
    @Description("Q12: send against send on a channel that sends one more in its first write")
    @Outcome(id = "0, 3, 0", expect = ACCEPTABLE, desc = "All were written, and the lock was free meanwhile.")
    @Outcome(id = "[^0], .*, .*", expect = FORBIDDEN, desc = "The channel was called under the queue's lock.")
    @Outcome(id = ".*, [^3]+, .*", expect = FORBIDDEN, desc = "A message was written twice, or never.")
    @Outcome(id = ".*, .*, [^0]", expect = FORBIDDEN, desc = "A message that a write sent is stranded.")
    @State
    public static class Q12_NoWriteUnderTheLock {
        private final StripePool pool = new StripePool();
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);
        private final SendQueue queue = new SendQueue();
        private final SendingWire wire = new SendingWire(queue, pool.alone(3));

        @Actor
        public void first() {
            send(queue, one, wire);
        }

        @Actor
        public void second() {
            send(queue, two, wire);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = wire.writesUnderLock();
            r.r2 = wire.written();
            r.r3 = queue.queuedMessages();
        }
    }

    /** A release takes the store's lock: under the queue's lock, it would impose a lock order. */
    @JCStressTest
    @Description("Q12: a flush on a failing channel against close, with a message in flight and one queued")
    @Outcome(id = "0, 2, 0", expect = ACCEPTABLE, desc = "All came back, and the lock was free meanwhile.")
    @Outcome(id = "[^0], .*, .*", expect = FORBIDDEN, desc = "Memory was given back under the queue's lock.")
    @Outcome(id = ".*, [^2], .*", expect = FORBIDDEN, desc = "Memory came back twice, or never.")
    @State
    public static class Q12_NoReleaseUnderTheLock extends QueueState {
        private static final QueueLimits ONE_MESSAGE = QueueLimits.DEFAULT.withMaxBytesPerWrite(1);

        private final LockWatch lock = new LockWatch(queue);

        public Q12_NoReleaseUnderTheLock() {
            super(new SendQueue(ONE_MESSAGE), DigitWire.broken());
            pool.memory.watch(lock);
            for (int digit = 1; digit <= 2; digit++) {
                offerAlone(digit);
            }
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void closer() {
            queue.close();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = lock.callsUnderLock();
            r.r2 = pool.frees();
            r.r3 = queue.queuedMessages();
        }
    }

    /** Nested writes break the window in ways that throw; the outcome depends only on what the wire recorded. */
    private static void send(SendQueue queue, SendBuffer message, SendingWire wire) {
        try {
            queue.offer(message);
            message.release();
            queue.flush(wire);
        } catch (RuntimeException | AssertionError e) {
            wire.fail();
        }
    }
}
