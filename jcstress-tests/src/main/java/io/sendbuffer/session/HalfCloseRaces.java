/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A session that ends its output alone, and one that says goodbye. */
public class HalfCloseRaces {
    /** No race lasts this long. */
    private static final Duration LONG = Duration.ofHours(1);

    private static final long LINGER_IS_OVER_NANOS = 2 * SessionTimeouts.MAX_LINGER_NANOS;

    /** The last byte is written while another thread closes what was half closed: one of the two starts the wait. */
    @JCStressTest
    @Description("S30: the last write of a half-close against close")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The wait for the peer's end has its time; the session is open.")
    @Outcome(
            id = "0, .*",
            expect = FORBIDDEN,
            desc = "Each left the clock to the other: the peer is waited for forever.")
    @Outcome(expect = FORBIDDEN, desc = "The session ended though its peer did not.")
    @State
    public static class S30_HalfCloseAgainstClose {
        private final Bench bench = Bench.byLoop();
        private final Session session = bench.session(new HalfClosing(), new Witness());

        public S30_HalfCloseAgainstClose() {
            bench.dutyCycle(); // registers it: it has an input only then
            session.shutdownOutput();
        }

        @Actor
        public void writer() {
            session.outputIsOver();
        }

        @Actor
        public void closer() {
            session.close(LONG);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = session.watch.isLingerOver(System.nanoTime() + LINGER_IS_OVER_NANOS) ? 1 : 0;
            r.r2 = session.isClosed() ? 1 : 0;
        }
    }

    /** The half-close comes at the moment of the close: what comes in is dropped, and its time runs. */
    @JCStressTest
    @Description("S30: a half-close against close, and then the last write")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The close counts, and the wait for the peer's end has its time.")
    @Outcome(expect = FORBIDDEN, desc = "The input is kept, or its peer is waited for forever.")
    @State
    public static class S30_HalfCloseOfWhatCloses {
        private final Bench bench = Bench.byLoop();
        private final Session session = bench.session(new HalfClosing(), new Witness());

        public S30_HalfCloseOfWhatCloses() {
            bench.dutyCycle();
        }

        @Actor
        public void ender() {
            session.shutdownOutput();
        }

        @Actor
        public void closer() {
            session.close(LONG);
        }

        @Arbiter
        public void end(II_Result r) {
            session.outputIsOver();
            r.r1 = session.dropsInput() ? 1 : 0;
            session.watch.isLingerOver(System.nanoTime() + LINGER_IS_OVER_NANOS); // takes what was dropped
            r.r2 = session.watch.isLingerOver(System.nanoTime() + 2 * LINGER_IS_OVER_NANOS) ? 1 : 0;
        }
    }

    /** A goodbye, and the end at once by another thread. */
    @JCStressTest
    @Description("S13: a goodbye and the duty cycle that writes it against abort")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "It was not written; the listener was notified once.")
    @Outcome(id = "9, 1, 1", expect = ACCEPTABLE, desc = "It was written; the listener was notified once.")
    @Outcome(expect = FORBIDDEN, desc = "The end was notified twice or never, or the goodbye came back twice or never.")
    @State
    public static class S13_GoodbyeAgainstAbort {
        private final Bench bench = Bench.byLoop();
        private final DigitWire wire = DigitWire.whole();
        private final Witness witness = new Witness();
        private final Session session = bench.session(new WireChannel(wire, 20), witness);
        private final SendBuffer last = bench.pool.alone(9);

        @Actor
        public void closer() {
            session.close(last, LONG);
            last.release();
            bench.dutyCycle();
        }

        @Actor
        public void ender() {
            session.abort();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.runUntilIdle();
            r.r1 = (int) wire.digits();
            r.r2 = witness.notified();
            r.r3 = bench.pool.frees();
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
