/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import java.nio.channels.SocketChannel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The two directions of a session: the one that ends second ends the session. */
public class DirectionRaces {
    /** A writer and a reader, each at the end of its direction. */
    @JCStressTest
    @Description("S16: the end of the output against the end of the input")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The session ended, and its end was notified once.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Each direction left the end to the other one, or both ended it.")
    @State
    public static class S16_SecondDirectionEnds {
        private final Bench bench = Bench.byLoop();
        private final Witness witness = new Witness();
        private final Session session = bench.session(new HalfClosing(), witness);

        public S16_SecondDirectionEnds() {
            bench.dutyCycle(); // registers it: it has an input only then
        }

        @Actor
        public void writer() {
            session.outputIsOver();
        }

        @Actor
        public void reader() {
            session.inputIsOver();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = session.isClosed() ? 1 : 0;
            bench.dutyCycle();
            r.r2 = witness.notified();
        }
    }

    /** Ends only its output, so that the session waits for the end of the input. */
    private static final class HalfClosing extends WireChannel {
        HalfClosing() {
            super(DigitWire.whole());
        }

        @Override
        public SocketChannel shutdownOutput() {
            return this;
        }
    }
}
