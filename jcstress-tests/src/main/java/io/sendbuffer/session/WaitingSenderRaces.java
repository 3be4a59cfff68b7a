/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A sender that waits for room, against what makes it, and against the end. */
public class WaitingSenderRaces {
    /** Longer than a thread is preempted for; a sender that is left behind waits for all of it. */
    private static final Duration LONG = Duration.ofSeconds(10);

    abstract static class Sending extends ParkingRaces.FullState {
        private OfferResult result = OfferResult.TOO_LARGE;

        Sending() {
            session.sendersWaitIn(new WaitingSenders(LONG.toNanos(), true)); // none offers again but for a signal
        }

        final void send() {
            SendBuffer message = bench.pool.alone(2);
            try {
                result = session.send(message, LONG);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            } finally {
                message.release();
            }
        }

        final int result() {
            return switch (result) {
                case QUEUED -> 1;
                case CLOSED -> 2;
                default -> 0;
            };
        }
    }

    @JCStressTest
    @Description("S28: a sender that waits, against the fall of the queue")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It has sent.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "It waited on, though the queue was empty.")
    @State
    public static class S28_WaitAgainstFall extends Sending {
        @Actor
        public void sender() {
            send();
        }

        @Actor
        public void drainer() {
            drain();
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = result();
        }
    }

    @JCStressTest
    @Description("S28: a sender that waits, against the end of the session")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "It learns of the end.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "It waited on, though the session had ended.")
    @State
    public static class S28_WaitAgainstEnd extends Sending {
        @Actor
        public void sender() {
            send();
        }

        @Actor
        public void closer() {
            session.abort();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = result();
        }
    }
}
