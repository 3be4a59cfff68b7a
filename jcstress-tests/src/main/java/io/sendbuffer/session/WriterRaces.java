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
import org.openjdk.jcstress.infra.results.III_Result;

/** The writer of a blocking session, which sleeps when it finds nothing to do. */
public class WriterRaces {
    /**
     * The writer's steps as its loop makes them; where it would park, the actor ends. If the sender woke it, the sender
     * recorded that before, and the arbiter continues where the thread would: the wake-up itself is the JDK's.
     */
    @JCStressTest
    @Description("S12: send against the writer that writes and goes to sleep")
    @Outcome(id = "12, 0, 2", expect = ACCEPTABLE, desc = "Both were written, before the writer slept or when it woke.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: the writer sleeps, and its wanted flag is clear.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class S12_WriterIsNotForgotten {
        private final StripePool pool = new StripePool();
        private final SendBuffer two = pool.alone(2);
        private final DigitWire wire = DigitWire.whole();
        private final BlockingSession session =
                new BlockingSession(Kinds.BLOCKING, wire, new Witness(), HeldThread::new);

        public S12_WriterIsNotForgotten() {
            SendBuffer one = pool.alone(1);
            session.send(one);
            one.release();
        }

        @Actor
        public void sender() {
            session.send(two);
            two.release();
        }

        @Actor
        public void writer() {
            writeUntilItSleeps();
        }

        @Arbiter
        public void end(III_Result r) {
            writeUntilItSleeps();
            r.r1 = (int) wire.digits();
            r.r2 = session.queuedMessages();
            r.r3 = pool.frees();
        }

        private void writeUntilItSleeps() {
            while (session.writeIfWanted()) {
                Thread.onSpinWait();
            }
        }
    }
}
