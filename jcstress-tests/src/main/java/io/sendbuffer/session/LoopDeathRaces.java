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
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Sessions and sockets handed to a loop while it dies. */
public class LoopDeathRaces {
    /** The loop walks its sessions and takes its lists for the last time; the new session is on one of them. */
    @JCStressTest
    @Description("E3: add against the duty cycle that dies")
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "It was added, and ended with the cause of the death.")
    @Outcome(id = "-1, 1, 0", expect = ACCEPTABLE, desc = "It was refused; the channel stays its owner's.")
    @Outcome(
            id = "0, .*, .*",
            expect = FORBIDDEN,
            desc = "It was accepted, and its listener was never notified of its end.")
    @Outcome(
            id = "1, 0, 0",
            expect = FORBIDDEN,
            desc = "The listener was notified as if it had been closed on purpose.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "Notified twice, notified though refused, or the channel still open.")
    @State
    public static class E3_AddAgainstDeath extends ChannelState {
        private boolean refused;

        public E3_AddAgainstDeath() {
            bench.selector.dieWithNextSelect();
        }

        @Actor
        public void adder() {
            refused = bench.refuses(channel, witness);
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = notified(refused);
            r.r2 = channel.isOpen() ? 1 : 0;
            r.r3 = witness.cause() == SpinningSelector.DEATH ? 1 : 0;
        }
    }

    /** A session that the loop knows, which another thread ends while the loop dies. */
    @JCStressTest
    @Description("E3: abort and flush against the duty cycle that dies")
    @Outcome(
            id = "1, 0, 1",
            expect = ACCEPTABLE,
            desc = "The listener was notified of the end once, before the loop's end was reported.")
    @Outcome(id = "[^1], .*, .*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @Outcome(id = "1, 0, .*", expect = FORBIDDEN, desc = "The loop's end was reported before its session's end.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The channel is still open, or the loop counts a session.")
    @State
    public static class E3_EndAgainstDeath {
        private final Witness witness = new Witness();
        private final Bench bench = Bench.reportingItsEnd(() -> notifiedWhenTheLoopEnded = witness.notified());
        private final WireChannel channel = new WireChannel(DigitWire.whole());
        private final Session session = bench.session(channel, witness);
        private int notifiedWhenTheLoopEnded;

        public E3_EndAgainstDeath() {
            bench.selector.dieWithNextSelect();
        }

        @Actor
        public void ender() {
            session.abort();
            session.flush(); // a reason for the loop to serve it once more
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = witness.notified();
            r.r2 = bench.loop.sessionCount() + (channel.isOpen() ? 1 : 0);
            r.r3 = notifiedWhenTheLoopEnded;
        }
    }

    /** Another loop takes over the listening sockets of a dying loop, including those added at that moment. */
    @JCStressTest
    @Description("E3: listen against the duty cycle that dies, where another loop takes over")
    @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "The dying loop, or the late caller, handed it on.")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "It was refused at once, untouched; it stays its owner's.")
    @Outcome(id = "0, 0, 0", expect = FORBIDDEN, desc = "It was accepted, and closed silently.")
    @Outcome(id = "0, 1, 0", expect = FORBIDDEN, desc = "It is open, on a loop that no longer runs.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "Closed though another loop runs, or handed on twice, or though refused.")
    @State
    public static class E3_ListenAgainstDeath {
        private final Bench bench = Bench.byLoop();
        private final ClientlessServer server = new ClientlessServer();
        private int handedOn;
        private boolean refused;

        public E3_ListenAgainstDeath() {
            bench.loop.heir((socket, layers, listeners) -> handedOn++);
            bench.selector.dieWithNextSelect();
        }

        @Actor
        public void owner() {
            try {
                bench.loop.listen(server, channel -> null);
            } catch (IllegalStateException e) {
                refused = true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = refused ? 1 : 0;
            r.r2 = server.isOpen() ? 1 : 0;
            r.r3 = handedOn;
        }
    }
}
