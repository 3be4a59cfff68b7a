/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Ends that the clock's thread only requests, and a delivery carries out. */
public class OverdueRaces {
    private static final Throwable LATE = new IOException("late");

    private static AsyncSession session(Witness witness) {
        return new AsyncSession(Kinds.ASYNC, new AsyncWire(DigitWire.whole(), 0), witness);
    }

    /** Another delivery runs at any moment of the request. */
    @JCStressTest
    @Description("S17: an end that the clock requests against deliveries")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The listener was notified of the end once, with its cause.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "It was carried out without its cause: a failure looks planned.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "The request is lost.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice.")
    @State
    public static class S17_RequestedEndHasItsCause {
        private final Witness witness = new Witness();
        private final AsyncSession session = session(witness);

        @Actor
        public void clock() {
            session.watch.endOverdue(LATE);
        }

        @Actor
        public void delivery() {
            for (int i = 0; i < 8; i++) {
                session.callbacks.run();
            }
        }

        @Arbiter
        public void end(II_Result r) {
            session.callbacks.run(); // the one that the clock requested
            r.r1 = witness.notified();
            r.r2 = witness.cause() == LATE ? 1 : 0;
        }
    }

    /** Another thread ends the session at the same moment. */
    @JCStressTest
    @Description("S17: an end that the clock requests against abort")
    @Outcome(
            id = "1, [12]",
            expect = ACCEPTABLE,
            desc = "The listener was notified of the end once, with the cause of either.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "Each left it to the other.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or with another cause.")
    @State
    public static class S17_RequestedEndAgainstAbort {
        private final Witness witness = new Witness();
        private final AsyncSession session = session(witness);

        @Actor
        public void clock() {
            session.watch.endOverdue(LATE);
            session.callbacks.run();
        }

        @Actor
        public void closer() {
            session.abort();
            session.callbacks.run();
        }

        @Arbiter
        public void end(II_Result r) {
            session.callbacks.run();
            r.r1 = witness.notified();
            r.r2 = witness.cause() == LATE ? 1 : witness.cause() == null ? 2 : 3;
        }
    }

    /** The end has a delivery of its own, so that slow callbacks do not delay it; both look at the same time. */
    @JCStressTest
    @Description("S17: an end that the clock has requested, carried out by two deliveries")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The listener was notified of the end once, with its cause.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "Each left it to the other.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "It was carried out without its cause.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice.")
    @State
    public static class S17_RequestedEndByTwo {
        private final Witness witness = new Witness();
        private final AsyncSession session = session(witness);

        public S17_RequestedEndByTwo() {
            session.watch.endOverdue(LATE);
        }

        @Actor
        public void deliveryOfEnds() {
            session.watch.endIfRequested();
        }

        @Actor
        public void deliveryOfCallbacks() {
            session.callbacks.run();
        }

        @Arbiter
        public void end(II_Result r) {
            session.callbacks.run(); // the one that the end requested
            r.r1 = witness.notified();
            r.r2 = witness.cause() == LATE ? 1 : 0;
        }
    }

    /**
     * Something, for instance an Error, has interrupted the end of a session after its queue ended. The clock detects
     * that at its second look, and another delivery runs at any point of it.
     */
    @JCStressTest
    @Description("S17: the end of the output that the clock requests against deliveries")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The session ended, and its listener was notified once.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "The request is lost.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice.")
    @State
    public static class S17_RequestedEndOfOutput {
        private final AtomicBoolean asked = new AtomicBoolean();
        private final Witness witness = new Witness();
        private final BlockingSession session =
                new BlockingSession(sessions(asked), DigitWire.whole(), witness, null); // no thread reads

        public S17_RequestedEndOfOutput() {
            session.queue.close();
            session.watch.mend();
        }

        private static BlockingSessions sessions(AtomicBoolean asked) {
            return BlockingSessions.builder()
                    .writeMode(WriteMode.INLINE)
                    .receiveBufferSize(1)
                    .delivery(task -> asked.set(true))
                    .errorHandler(error -> {}) // the outcome shows whether an error broke the invariant
                    .build();
        }

        @Actor
        public void clock() {
            session.watch.mend();
        }

        @Actor
        public void delivery() {
            for (int i = 0; i < 8; i++) {
                deliver();
            }
        }

        /** Does what the delivery threads do: a delivery requested while it runs is repeated. */
        private void deliver() {
            while (asked.getAndSet(false)) {
                session.callbacks.run();
            }
        }

        @Arbiter
        public void end(I_Result r) {
            deliver();
            r.r1 = witness.notified();
        }
    }
}
