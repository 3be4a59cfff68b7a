/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The end of a session: by any thread, by a failure, and by its loop's end. */
public class SessionEndRaces {
    /** Two threads end it; the loop may notify the listener as soon as the first of them is done. */
    @JCStressTest
    @Description("S1: close against an inline send that fails, and the loop's duty cycle")
    @Outcome(
            id = "1, 0, 1",
            expect = ACCEPTABLE,
            desc = "The listener was notified of the end once, and the message was released.")
    @Outcome(id = "[^1], .*, .*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The channel stayed open, or a message was lost or freed twice.")
    @State
    public static class S1_EndIsNotifiedOnce {
        private final Bench bench = Bench.inline();
        private final SendBuffer one = bench.pool.alone(1);
        private final WireChannel channel = new WireChannel(DigitWire.broken(), 20);
        private final Witness witness = new Witness();
        private final Session session = bench.session(channel, witness);

        /**
         * A failed session is ended in the loop's duty cycle, some time after that began: the closer meets it there.
         */
        private final int spins = System.identityHashCode(channel) & 0x7f;

        @Actor
        public void closer() {
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            session.abort();
        }

        @Actor
        public void sender() {
            session.send(one);
            one.release();
            bench.dutyCycle(); // ends the failed session
            bench.dutyCycle(); // makes the last callback
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            r.r1 = witness.notified();
            r.r2 = channel.isOpen() ? 1 : 0;
            r.r3 = bench.pool.frees();
        }
    }

    /** The loop serves the session again and again, and may notify the listener the moment the end is set. */
    @JCStressTest
    @Description("S1: the end with a cause against a flush and a duty cycle, and again")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The listener was notified of the end once, with its cause.")
    @Outcome(
            id = "1, 0",
            expect = FORBIDDEN,
            desc = "The listener was notified before the cause was set: a failure looks planned.")
    @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "The listener was notified with another cause.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @State
    public static class S1_CauseComesWithTheEnd {
        private static final Throwable ONE = new IOException("one");

        private final Bench bench = Bench.byLoop();
        private final Witness witness = new Witness();
        private final Session session = bench.session(new WireChannel(DigitWire.whole()), witness);

        @Actor
        public void ender() {
            session.end(ONE);
        }

        @Actor
        public void loop() {
            for (int i = 0; i < 4; i++) {
                session.flush(); // a reason to serve it that does not come from its end
                bench.dutyCycle();
            }
        }

        @Arbiter
        public void end(II_Result r) {
            bench.dutyCycle();
            r.r1 = witness.notified();
            r.r2 = witness.cause() == ONE ? 1 : witness.cause() == null ? 0 : 2;
        }
    }

    /** The loop serves the session for another reason while a thread is closing it. */
    @JCStressTest
    @Description("S2: close against the duty cycle that serves the session")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "When the listener was notified, all was closed and released.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "The listener was notified while the channel was open.")
    @Outcome(
            id = "1, .*, .*",
            expect = FORBIDDEN,
            desc = "The listener was notified while the queue still held a message.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @State
    public static class S2_NotifiedAfterAllIsClosed {
        private final Bench bench = Bench.byLoop();
        private final WireChannel channel = new WireChannel(DigitWire.whole());
        private final CloseWitness witness = new CloseWitness(bench, channel);
        private final Session session = bench.session(channel, witness);

        public S2_NotifiedAfterAllIsClosed() {
            SendBuffer one = bench.pool.alone(1);
            session.send(one);
            one.release();
        }

        @Actor
        public void closer() {
            session.abort();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            r.r1 = witness.notified();
            r.r2 = witness.openWhenNotified ? 1 : 0;
            r.r3 = witness.freesWhenNotified;
        }
    }

    /**
     * The sender has marked the session, but it is not yet on the list when the loop takes the list for the last time.
     */
    @JCStressTest
    @Description("S4: flush by the loop against the loop's end")
    @Outcome(
            id = "1, 0, 1",
            expect = ACCEPTABLE,
            desc = "The listener was notified of the end once, without another duty cycle.")
    @Outcome(
            id = "0, .*, .*",
            expect = FORBIDDEN,
            desc = "The listener is never notified: the session is on an abandoned list.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Notified twice, the channel still open, or a message lost.")
    @State
    public static class S4_StragglerIsEnded extends ChannelState {
        private final Session session = bench.session(channel, witness);

        public S4_StragglerIsEnded() {
            bench.loop.waitForOthersAtMost(0); // or a sender would have to pause for longer than that
            SendBuffer one = bench.pool.alone(1);
            session.queue(one); // in advance, so that the racing steps are close together
            one.release();
        }

        @Actor
        public void sender() {
            session.flush();
        }

        @Actor
        public void loop() {
            bench.loop.onClose();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = witness.notified();
            r.r2 = channel.isOpen() ? 1 : 0;
            r.r3 = bench.pool.frees();
        }
    }

    /** A session that the loop has not registered: only the list knows it. */
    @JCStressTest
    @Description("S4: add against the loop's end")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "It was added, and then ended with the loop.")
    @Outcome(id = "-1, 1", expect = ACCEPTABLE, desc = "It was refused; the channel stays its owner's.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "The session is open on a loop that no longer runs.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "Notified twice, notified though refused, or the channel still open.")
    @State
    public static class S4_NewcomerIsEnded extends ChannelState {
        private boolean refused;

        @Actor
        public void adder() {
            refused = bench.refuses(channel, witness);
        }

        @Actor
        public void loop() {
            bench.loop.onClose();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = notified(refused);
            r.r2 = channel.isOpen() ? 1 : 0;
        }
    }

    /** After the loop's end, the thread that takes the list notifies the listeners: two threads may do that. */
    @JCStressTest
    @Description("S4: close and flush against the loop's end, with the session on the list")
    @Outcome(
            id = "1, 0",
            expect = ACCEPTABLE,
            desc = "The listener was notified of the end once, without another duty cycle.")
    @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "Both threads notified the listener.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "Each left it to the other: the listener is never notified.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The channel is still open.")
    @State
    public static class S4_OneOfTwoNotifies extends ChannelState {
        private final Session session = bench.added(channel, witness);

        public S4_OneOfTwoNotifies() {
            bench.loop.waitForOthersAtMost(0); // or the loop would wait for the closer
        }

        @Actor
        public void closer() {
            session.abort();
            session.flush(); // a reason for the loop to serve it once more
        }

        @Actor
        public void loop() {
            bench.loop.onClose();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = witness.notified();
            r.r2 = channel.isOpen() ? 1 : 0;
        }
    }

    /** Records what was closed when the listener was notified of the end. */
    private static final class CloseWitness extends Witness {
        private final Bench bench;
        private final WireChannel channel;
        private boolean openWhenNotified;
        private int freesWhenNotified;

        CloseWitness(Bench bench, WireChannel channel) {
            this.bench = bench;
            this.channel = channel;
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            openWhenNotified = channel.isOpen();
            freesWhenNotified = bench.pool.frees();
            super.onClosed(session, cause);
        }
    }
}
