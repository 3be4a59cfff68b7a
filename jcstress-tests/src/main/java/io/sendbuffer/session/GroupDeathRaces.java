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
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A session handed to a set of sessions while the whole set ends, because a thread of its channels' group has died. */
public class GroupDeathRaces {
    private static final Throwable DEATH = new Error("died on purpose");

    @JCStressTest
    @Description("E3: add against the end of all sessions after a thread's death")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "It was added, and ended with the cause of the death.")
    @Outcome(id = "-1, 1, 0", expect = ACCEPTABLE, desc = "It was refused, with that cause.")
    @Outcome(
            id = "0, .*, .*",
            expect = FORBIDDEN,
            desc = "It was accepted, and its listener was never notified of its end.")
    @Outcome(
            id = "1, 0, .*",
            expect = FORBIDDEN,
            desc = "The listener was notified as if it had been closed on purpose, or late.")
    @Outcome(id = "-1, 0, .*", expect = FORBIDDEN, desc = "It was refused, without a cause.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Notified twice, notified though refused, or still known.")
    @State
    public static class E3_AddAgainstDeathOfGroup {
        private final ConcurrentLinkedQueue<Delivery.Task> due = new ConcurrentLinkedQueue<>();
        private final BlockingSessions sessions = BlockingSessions.builder()
                .writeMode(WriteMode.INLINE)
                .closeTimeout(Duration.ZERO) // no graceful close
                .delivery(due::add)
                .errorHandler(error -> {}) // the outcome shows whether an error broke the invariant
                .build();
        private final Delivery.Task end = new Delivery.Task() {
            @Override
            void run() {
                sessions.registry.endAll(() -> {});
            }
        };
        private final Witness witness = new Witness();
        private @Nullable IllegalStateException refused;

        @Actor
        public void adder() {
            try {
                sessions.addOutput(DigitWire.whole(), witness);
            } catch (IllegalStateException e) {
                refused = e;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Actor
        public void dyingThread() {
            sessions.registry.die(DEATH, end);
            runDue();
        }

        /** Interrupted, so that it does not wait for the sessions that are not notified yet. */
        private void runDue() {
            Thread.currentThread().interrupt();
            Delivery.@Nullable Task task;
            while ((task = due.poll()) != null) {
                task.run();
            }
            Thread.interrupted(); // or the next state would be interrupted
        }

        @Arbiter
        public void end(III_Result r) {
            runDue();
            Throwable cause = refused != null ? refused.getCause() : witness.cause();
            r.r1 = refused != null ? -1 - witness.notified() : witness.notified();
            r.r2 = cause == DEATH ? 1 : 0;
            r.r3 = sessions.sessionCount();
        }
    }
}
