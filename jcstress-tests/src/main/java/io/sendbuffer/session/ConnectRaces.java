/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The end of a session that its loop is about to connect. */
public class ConnectRaces {
    /** The only real channel in the race tests: the loop itself opens it, when the backlog is full. */
    @JCStressTest
    @Description("S20: abort against the loop that replaces the channel of a connect")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "The new channel was closed, by the loop or by the abort.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "Each left the new channel to the other: it stays open.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Notified twice, or never, or the loop counts a session.")
    @State
    public static class S20_ReplacedChannelIsClosed {
        private final Bench bench = Bench.byLoop();
        private final FullBacklog full = new FullBacklog();
        private final Witness witness = new Witness();
        private final LoopSession session = bench.loop.newSession(full, witness, FullBacklog.ADDRESS);

        public S20_ReplacedChannelIsClosed() {
            bench.loop.serveNew(session);
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Actor
        public void aborter() {
            full.awaitConnect();
            session.abort();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            bench.dutyCycle();
            r.r1 = witness.notified();
            r.r2 = session.channel().isOpen() ? 1 : 0;
            r.r3 = bench.loop.sessionCount();
            giveUp(session.channel());
        }

        /** Leaked channels would soon use up all descriptors. */
        private static void giveUp(Channel channel) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A socket whose connect fails, like a connect to a Unix-domain socket with a full backlog. */
    private static final class FullBacklog extends WireChannel {
        /** This file exists. */
        static final SocketAddress ADDRESS = UnixDomainSocketAddress.of(".");

        /** About as long as the steps between the connect and the new channel: it is opened and configured. */
        private static final int MAX_SPINS = 0x3ff;

        /** One instance for all, without a stack trace: filling in millions of traces would dominate the run. */
        private static final IOException FULL = new IOException("Resource temporarily unavailable") {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Throwable fillInStackTrace() {
                return this;
            }
        };

        private static final VarHandle CONNECTS;

        static {
            try {
                CONNECTS = MethodHandles.lookup().findVarHandle(FullBacklog.class, "connects", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        @SuppressWarnings("unused")
        private boolean connects;

        FullBacklog() {
            super(DigitWire.whole());
        }

        /** Waits until the loop connects, and then briefly, for a different time in each state. */
        void awaitConnect() {
            while (!(boolean) CONNECTS.getOpaque(this)) {
                Thread.onSpinWait();
            }
            for (int i = (int) (System.nanoTime() & MAX_SPINS); i > 0; i--) {
                Thread.onSpinWait();
            }
        }

        @Override
        public boolean connect(SocketAddress remote) throws IOException {
            CONNECTS.setOpaque(this, true);
            close(); // the JDK closes a channel whose connect failed
            throw FULL;
        }
    }
}
