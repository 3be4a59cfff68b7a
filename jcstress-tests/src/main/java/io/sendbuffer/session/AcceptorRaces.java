/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A listening socket that is added to a loop while the loop sleeps or ends. */
public class AcceptorRaces {
    /** If left open, it would take connections that no thread accepts. */
    @JCStressTest
    @Description("S8: listen against the loop's end")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The loop took it, and closed it at its end.")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "It came too late: it was closed, and its owner was notified.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It was refused at once, untouched; it stays its owner's.")
    @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "It is open, on a loop that no longer runs.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "It was not touched, and its owner was not notified.")
    @State
    public static class S8_AcceptorOfAClosedLoop {
        private static final int CLOSED = 0;
        private static final int UNTOUCHED = 1;
        private static final int OPEN = 2;

        private final Bench bench = Bench.byLoop();
        private final ClientlessServer server = new ClientlessServer();
        private boolean refused;

        @Actor
        public void owner() {
            refused = !listen(bench, server);
        }

        @Actor
        public void loop() {
            bench.loop.onClose();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = refused ? 1 : 0;
            r.r2 = !server.isOpen() ? CLOSED : server.isBlocking() ? UNTOUCHED : OPEN;
        }
    }

    /** As with sessions: it is added, then the sleeper is woken; the loop announces its sleep, then looks. */
    @JCStressTest
    @Description("Q13: listen against a duty cycle with nothing to do")
    @Outcome(
            id = {"0, 0", "1, ."},
            expect = ACCEPTABLE,
            desc = "The loop was woken for it, or registered it before it slept.")
    @Outcome(id = "0, 1", expect = FORBIDDEN, desc = "The socket waits to be registered, and the loop stays asleep.")
    @State
    public static class Q13_WokenForAnAcceptor {
        private final Bench bench = Bench.sleeping();
        private final ClientlessServer server = new ClientlessServer();

        public Q13_WokenForAnAcceptor() {
            bench.selector.expectWakeUp();
        }

        @Actor
        public void owner() {
            listen(bench, server);
            bench.selector.noThreadIsLeft();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = server.isRegistered() ? 1 : 0;
            r.r2 = bench.selector.overslept() ? 1 : 0;
        }
    }

    private static boolean listen(Bench bench, ClientlessServer server) {
        try {
            bench.loop.listen(server, channel -> null);
            return true;
        } catch (IllegalStateException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
