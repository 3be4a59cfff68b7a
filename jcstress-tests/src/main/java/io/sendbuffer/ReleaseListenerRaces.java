/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A message with a release listener, in two queues: the last of them notifies the listener of the outcome in both. */
public class ReleaseListenerRaces {
    /** Neither queue writes it. */
    @JCStressTest
    @Description("R11: close against the close of another queue with the same message")
    @Outcome(id = "1, 2, 1", expect = ACCEPTABLE, desc = "Notified once that two dropped it, when the memory was back.")
    @Outcome(id = "1, [01], .*", expect = FORBIDDEN, desc = "A queue that dropped it was not counted.")
    @Outcome(id = "1, .*, 0", expect = FORBIDDEN, desc = "Notified before the memory was back.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Notified twice, or never.")
    @State
    public static class R11_TwoDropIt {
        private final Shared shared = new Shared();

        @Actor
        public void closer() {
            shared.near.close();
        }

        @Actor
        public void anotherCloser() {
            shared.far.close();
        }

        @Arbiter
        public void end(III_Result r) {
            shared.show(r);
        }
    }

    /** One queue writes it, and the other one does not. */
    @JCStressTest
    @Description("R11: flush against the close of another queue with the same message")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Notified once that one dropped it, when the memory was back.")
    @Outcome(id = "1, [02], .*", expect = FORBIDDEN, desc = "The drop was not counted, or the write was.")
    @Outcome(id = "1, .*, 0", expect = FORBIDDEN, desc = "Notified before the memory was back.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Notified twice, or never.")
    @State
    public static class R11_OneWritesIt {
        private final Shared shared = new Shared();
        private final DigitWire wire = DigitWire.whole();

        @Actor
        public void drainer() {
            shared.near.flush(wire);
        }

        @Actor
        public void closer() {
            shared.far.close();
        }

        @Arbiter
        public void end(III_Result r) {
            shared.show(r);
        }
    }

    /** Two queues with one message, and its listener. */
    private static final class Shared implements ReleaseListener {
        private final StripePool pool = new StripePool();
        private final SendQueue near = new SendQueue();
        private final SendQueue far = new SendQueue();

        /** Atomic, or two concurrent calls would count as one. It comes after the race, so it does not hide one. */
        private final AtomicInteger calls = new AtomicInteger();

        private int unwrittenWhenNotified;
        private int freesWhenNotified;

        Shared() {
            SendBuffer message = pool.alone(1).onRelease(this);
            near.offer(message);
            far.offer(message);
            message.release();
        }

        @Override
        public void onReleased(int unwritten) {
            unwrittenWhenNotified = unwritten;
            freesWhenNotified = pool.frees();
            calls.incrementAndGet();
        }

        void show(III_Result r) {
            r.r1 = calls.get();
            r.r2 = unwrittenWhenNotified;
            r.r3 = freesWhenNotified;
        }
    }
}
