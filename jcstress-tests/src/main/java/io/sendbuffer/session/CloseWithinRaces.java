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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A callback that closes its own host, while another thread closes it as well. */
public class CloseWithinRaces {
    /**
     * The first callback of a new session closes its loop, as Agrona's runner does, and as the loop's own runner does.
     */
    @JCStressTest
    @Description("E6: a loop that is closed from within a callback against the close of its runner")
    @Outcome(id = "1, 0, 1, 0", expect = ACCEPTABLE, desc = "The loop ended once, after the callback.")
    @Outcome(
            id = ".*, -?[1-9].*, .*, .*",
            expect = FORBIDDEN,
            desc = "The loop ended within the callback; or a call threw.")
    @Outcome(id = ".*, .*, [^1], .*", expect = FORBIDDEN, desc = "The loop's end was reported twice, or never.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "The listener was notified twice or never, or the session is still open.")
    @State
    public static class E6_LoopClosedFromWithin {
        private final AtomicInteger ends = new AtomicInteger();
        private final Bench bench = Bench.reportingItsEnd(ends::incrementAndGet);
        private final WireChannel channel = new WireChannel(DigitWire.whole());
        private final LoopRunner runner = new LoopRunner(bench.loop); // actors are its threads
        private final CallWatch watch = new CallWatch() {
            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                call(() -> {
                    bench.loop.onClose();
                    runner.close();
                });
                endedWithin |= bench.loop.isEnded();
            }
        };
        private boolean endedWithin;

        public E6_LoopClosedFromWithin() {
            bench.added(channel, watch);
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
            bench.dutyCycle();
        }

        @Actor
        public void closer() {
            runner.close();
        }

        @Arbiter
        public void end(IIII_Result r) {
            bench.dutyCycle();
            r.r1 = watch.notified();
            r.r2 = endedWithin ? -1 : watch.within();
            r.r3 = ends.get();
            r.r4 = channel.isOpen() ? 1 : 0;
        }
    }

    /**
     * The callback's close must leave the wait to another thread, or it waits for itself. Its thread is interrupted, so
     * such a wait is cut short here; the steps that follow the wait show that there was one.
     */
    @JCStressTest
    @Description("E6: a registry that is closed from within a callback against its close")
    @Outcome(id = "1, 0, 2, 0", expect = ACCEPTABLE, desc = "Both returned, and each close did its final steps.")
    @Outcome(
            id = ".*, -?[1-9].*, .*, .*",
            expect = FORBIDDEN,
            desc = "The callback waited for the end of its own session; less than 0 if a call threw.")
    @Outcome(id = ".*, .*, [^2], .*", expect = FORBIDDEN, desc = "A final step of a close did not run, or ran twice.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "The listener was notified twice or never, or the session is still known.")
    @State
    public static class E6_RegistryClosedFromWithin {
        private final ConcurrentLinkedQueue<Delivery.Task> due = new ConcurrentLinkedQueue<>();
        private final BlockingSessions sessions = BlockingSessions.builder()
                .writeMode(WriteMode.INLINE)
                .closeTimeout(Duration.ZERO) // no graceful close
                .delivery(due::add)
                .errorHandler(error -> {}) // the outcome shows whether an error broke the invariant
                .build();
        private final AtomicInteger closes = new AtomicInteger();
        private final AtomicInteger closedWithin = new AtomicInteger();
        private final CallWatch watch = new CallWatch() {
            private boolean opened;

            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                opened = true;
                call(() -> sessions.registry.close(() -> closed()));
            }

            /** The only callback if the closer came first. */
            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                super.onClosed(session, cause);
                if (!opened) {
                    call(() -> sessions.registry.close(() -> closed()));
                }
            }
        };
        private volatile boolean closerIsDone;

        public E6_RegistryClosedFromWithin() {
            try {
                sessions.addOutput(DigitWire.whole(), watch);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void closed() {
            closes.incrementAndGet();
            if (CallWatch.isWithin()) {
                closedWithin.incrementAndGet();
            }
        }

        @Actor
        public void delivery() {
            Thread.currentThread().interrupt();
            while (!closerIsDone) {
                runDue();
            }
            runDue();
            Thread.interrupted(); // or the next state would be interrupted
        }

        @Actor
        public void closer() {
            try {
                sessions.registry.close(this::closed);
            } finally {
                closerIsDone = true;
            }
        }

        private void runDue() {
            Delivery.@Nullable Task task;
            while ((task = due.poll()) != null) {
                task.run();
            }
        }

        @Arbiter
        public void end(IIII_Result r) {
            runDue();
            r.r1 = watch.notified();
            r.r2 = closedWithin.get() + watch.within();
            r.r3 = closes.get();
            r.r4 = sessions.sessionCount();
        }
    }
}
