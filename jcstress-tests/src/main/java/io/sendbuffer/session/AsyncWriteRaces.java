/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.StripePool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The writes of an asynchronous session: one pending, none lost, and its memory kept until its completion. */
public class AsyncWriteRaces {
    /** A sender that finds a write pending leaves its message to the completion. */
    @JCStressTest
    @Description("S11: send against the completion of the pending write")
    @Outcome(id = "12, 0, 0, 2", expect = ACCEPTABLE, desc = "Both were written, in order, one after the other.")
    @Outcome(id = ".*, [12], .*, .*", expect = FORBIDDEN, desc = "A message is stranded: no write was begun for it.")
    @Outcome(id = ".*, .*, [^0].*, .*", expect = FORBIDDEN, desc = "Two writes were pending at the same time.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class S11_SendAgainstCompletion {
        private final StripePool pool = new StripePool();
        private final SendBuffer two = pool.alone(2);
        private final DigitWire wire = DigitWire.whole();
        private final AsyncWire channel = new AsyncWire(wire);
        private final AsyncSession session = session(channel, new Witness());

        public S11_SendAgainstCompletion() {
            session.open();
            send(session, pool.alone(1));
        }

        @Actor
        public void sender() {
            send(session, two);
        }

        @Actor
        public void completion() {
            channel.complete();
        }

        @Arbiter
        public void end(IIII_Result r) {
            channel.complete();
            r.r1 = (int) wire.digits();
            r.r2 = session.queuedMessages();
            r.r3 = channel.overlaps();
            r.r4 = pool.frees();
        }
    }

    /** The write completes on another thread, before or after its starter returns from it. */
    @JCStressTest
    @Description("S11: send against the completion of its own write; then another send")
    @Outcome(id = "12, 0, 0, 2", expect = ACCEPTABLE, desc = "Both were written, in order, one after the other.")
    @Outcome(id = ".*, [12], .*, .*", expect = FORBIDDEN, desc = "No thread continued after the first write.")
    @Outcome(id = ".*, .*, [^0].*, .*", expect = FORBIDDEN, desc = "Two writes were pending at the same time.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class S11_CompletionAgainstItsStarter {
        private static final int PATIENCE = 200;

        private final StripePool pool = new StripePool();
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);
        private final DigitWire wire = DigitWire.whole();
        private final AsyncWire channel = new AsyncWire(wire);
        private final AsyncSession session = session(channel, new Witness());

        public S11_CompletionAgainstItsStarter() {
            session.open();
        }

        @Actor
        public void sender() {
            send(session, one);
        }

        @Actor
        public void completion() {
            for (int i = 0; i < PATIENCE && !channel.complete(); i++) {
                Thread.onSpinWait();
            }
        }

        @Arbiter
        public void end(IIII_Result r) {
            channel.complete();
            send(session, two);
            channel.complete();
            r.r1 = (int) wire.digits();
            r.r2 = session.queuedMessages();
            r.r3 = channel.overlaps();
            r.r4 = pool.frees();
        }
    }

    /** A sender that finds the channel connecting writes nothing, and relies on the flush that follows. */
    @JCStressTest
    @Description("S11: send against the end of the connecting")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The message was written, by either.")
    @Outcome(
            id = ".*, 1, .*",
            expect = FORBIDDEN,
            desc = "The message is stranded: its sender relied on a flush that was already over.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class S11_SendAgainstConnected {
        private final StripePool pool = new StripePool();
        private final SendBuffer one = pool.alone(1);
        private final DigitWire wire = DigitWire.whole();
        private final AsyncWire channel = new AsyncWire(wire);
        private final AsyncSession session = session(channel, new Witness());

        @Actor
        public void sender() {
            send(session, one);
        }

        @Actor
        public void connecting() {
            session.open();
        }

        @Arbiter
        public void end(III_Result r) {
            channel.complete();
            r.r1 = (int) wire.digits();
            r.r2 = session.queuedMessages();
            r.r3 = pool.frees();
        }
    }

    /** The memory of the pending write is being read until its completion, whichever thread ends the session. */
    @JCStressTest
    @Description("S11: abort against the completion of the pending write, with a message behind it")
    @Outcome(id = "12?, 2, 1", expect = ACCEPTABLE, desc = "All came back once, and the listener was notified once.")
    @Outcome(
            id = ".*9.*, .*, .*",
            expect = FORBIDDEN,
            desc = "The abort freed what was being written: freed memory reads as 9.")
    @Outcome(id = ".*, [013], .*", expect = FORBIDDEN, desc = "Memory came back twice, or never.")
    @Outcome(id = ".*, .*, -1", expect = FORBIDDEN, desc = "The window was released twice: a completion threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @State
    public static class S11_AbortAgainstPendingWrite {
        private final StripePool pool = new StripePool();
        private final DigitWire wire = DigitWire.whole();
        private final AsyncWire channel = new AsyncWire(wire);
        private final Witness witness = new Witness();
        private final AsyncSession session = session(channel, witness);
        private volatile boolean misused;

        public S11_AbortAgainstPendingWrite() {
            session.open();
            send(session, pool.alone(1));
            send(session, pool.alone(2));
        }

        @Actor
        public void ender() {
            session.abort();
            session.callbacks.run(); // the work of a delivery
        }

        @Actor
        public void completion() {
            complete();
        }

        /** A window that is released twice also shows as an exception. */
        private void complete() {
            try {
                channel.complete();
            } catch (RuntimeException | AssertionError e) {
                misused = true;
            }
        }

        @Arbiter
        public void end(III_Result r) {
            complete();
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
            r.r3 = misused ? -1 : witness.notified();
        }
    }

    /**
     * A thread leaves the write that it has in hand, for want of memory or stack, while another one ends the session.
     */
    @JCStressTest
    @Description("S11: a write that is left against abort")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "All came back once, and the listener was notified once.")
    @Outcome(id = "[01], .*", expect = FORBIDDEN, desc = "The write that was left keeps its memory forever.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Memory came back twice, or the listener was not notified once.")
    @State
    public static class S11_LeftWriteAgainstAbort {
        private static final Error LEFT = new OutOfMemoryError("raced");

        private final StripePool pool = new StripePool();
        private final Witness witness = new Witness();
        private final AsyncSession session = session(new AsyncWire(DigitWire.whole()), witness);
        private volatile boolean misused;

        public S11_LeftWriteAgainstAbort() {
            session.open();
            queue(1);
            session.queue.beginWrite();
            queue(2);
        }

        private void queue(int digit) {
            SendBuffer message = pool.alone(digit);
            session.queue(message);
            message.release();
        }

        @Actor
        public void leaver() {
            try {
                session.writer.leftBy = LEFT;
                session.writer.endLeft(LEFT);
                session.callbacks.run();
            } catch (RuntimeException | AssertionError e) {
                misused = true;
            }
        }

        @Actor
        public void ender() {
            session.abort();
            session.callbacks.run(); // the work of a delivery
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = misused ? -1 : pool.frees();
            r.r2 = witness.notified();
        }
    }

    private static AsyncSession session(AsyncWire channel, SessionListener listener) {
        return new AsyncSession(Kinds.ASYNC, channel, listener);
    }

    private static void send(Session session, SendBuffer message) {
        session.send(message);
        message.release();
    }
}
