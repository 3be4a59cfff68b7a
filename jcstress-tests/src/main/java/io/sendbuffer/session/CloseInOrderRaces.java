/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.Offers;
import io.sendbuffer.SendBuffer;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;

/** The close of a session: it writes what it accepted and notifies its listener once. */
public class CloseInOrderRaces {
    /** No race lasts this long. */
    private static final Duration LONG = Duration.ofHours(1);

    /** A sender that writes, and the loop that comes for the last flush. */
    @JCStressTest
    @Description("S13: inline send against close and the loop's duty cycle")
    @Outcome(
            id = {"0, 1, 1, 1", "2, 0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "Queued and written, or refused; one notification of the end.")
    @Outcome(id = "0, 0, .*, .*", expect = FORBIDDEN, desc = "The close lost what was queued before it.")
    @Outcome(
            id = ".*, .*, [^1], .*",
            expect = FORBIDDEN,
            desc = "The listener was notified of the end twice, or never.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was refused yet written, or came back twice, or never.")
    @State
    public static class S13_CloseAgainstInlineSend {
        private final CloseBench race = new CloseBench(Bench.inline());

        @Actor
        public void sender(IIII_Result r) {
            r.r1 = race.send();
        }

        @Actor
        public void closer() {
            race.session.close(LONG);
            race.bench.dutyCycle();
        }

        @Arbiter
        public void end(IIII_Result r) {
            race.show(r);
        }
    }

    /** The same race where the loop writes. */
    @JCStressTest
    @Description("S13: send by the loop against close and the loop's duty cycle")
    @Outcome(
            id = {"0, 1, 1, 1", "2, 0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "Queued and written, or refused; one notification of the end.")
    @Outcome(id = "0, 0, .*, .*", expect = FORBIDDEN, desc = "The close lost what was queued before it.")
    @Outcome(
            id = ".*, .*, [^1], .*",
            expect = FORBIDDEN,
            desc = "The listener was notified of the end twice, or never.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was refused yet written, or came back twice, or never.")
    @State
    public static class S13_CloseAgainstSendByLoop {
        private final CloseBench race = new CloseBench(Bench.byLoop());

        @Actor
        public void sender(IIII_Result r) {
            r.r1 = race.send();
        }

        @Actor
        public void closer() {
            race.session.close(LONG);
            race.bench.dutyCycle();
        }

        @Arbiter
        public void end(IIII_Result r) {
            race.show(r);
        }
    }

    /** The loop serves the session for another reason, just before it is to do so for the close. */
    @JCStressTest
    @Description("S13: close against a flush and a duty cycle, and again")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "The message was written, and the listener notified once.")
    @Outcome(
            id = ".*, 0, .*",
            expect = FORBIDDEN,
            desc = "The listener is never notified: no thread makes the last flush.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "The message was lost or duplicated, or the listener was notified twice.")
    @State
    public static class S13_CloseAgainstTurn {
        private final CloseBench race = new CloseBench(Bench.byLoop());

        public S13_CloseAgainstTurn() {
            race.send();
        }

        @Actor
        public void closer() {
            race.session.close(LONG);
        }

        @Actor
        public void loop() {
            for (int i = 0; i < 4; i++) {
                race.session.flush(); // a reason to serve it that does not come from the close
                race.bench.dutyCycle();
            }
        }

        @Arbiter
        public void end(III_Result r) {
            race.bench.runUntilIdle();
            r.r1 = (int) race.wire.digits();
            r.r2 = race.witness.notified();
            r.r3 = race.bench.pool.frees();
        }
    }

    /** The last flush ends the session while another thread ends it at once. */
    @JCStressTest
    @Description("S13: close and the duty cycle that ends it against abort")
    @Outcome(id = "[01], 1, 1", expect = ACCEPTABLE, desc = "Written or not, the listener was notified once.")
    @Outcome(id = ".*, [^1], .*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "The message was duplicated, or its memory came back twice, or never.")
    @State
    public static class S13_CloseAgainstAbort {
        private final CloseBench race = new CloseBench(Bench.byLoop());

        public S13_CloseAgainstAbort() {
            race.send();
        }

        @Actor
        public void closer() {
            race.session.close(LONG);
            race.bench.dutyCycle();
            race.bench.dutyCycle();
        }

        @Actor
        public void ender() {
            race.session.abort();
        }

        @Arbiter
        public void end(III_Result r) {
            race.bench.runUntilIdle();
            r.r1 = (int) race.wire.digits();
            r.r2 = race.witness.notified();
            r.r3 = race.bench.pool.frees();
        }
    }

    /** A session on a loop, one message for it, and the witness of its end. */
    private static final class CloseBench {
        final Bench bench;
        final DigitWire wire = DigitWire.whole();
        final Witness witness = new Witness();
        final Session session;
        private final SendBuffer message;

        CloseBench(Bench bench) {
            this.bench = bench;
            this.session = bench.session(new WireChannel(wire, 20), witness);
            this.message = bench.pool.alone(1);
        }

        int send() {
            int result = Offers.digitOf(session.send(message));
            message.release();
            return result;
        }

        void show(IIII_Result r) {
            bench.runUntilIdle();
            r.r2 = (int) wire.digits();
            r.r3 = witness.notified();
            r.r4 = bench.pool.frees();
        }
    }
}
