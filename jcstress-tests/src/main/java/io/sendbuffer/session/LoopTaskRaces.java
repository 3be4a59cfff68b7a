/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Tasks that are given to a loop, and canceled, against its duty cycle and its end. */
public class LoopTaskRaces {
    private static final Duration LATER = Duration.ofHours(1);

    abstract static class TaskState {
        final Bench bench;

        /** How often a task of the test ran. */
        int ran;

        TaskState(Bench bench) {
            this.bench = bench;
        }

        final Runnable counting() {
            return () -> ran++;
        }
    }

    @JCStressTest
    @Description("T1: cancel a task that is due, against the duty cycle that takes it and runs it")
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "It ran, and the cancel says that it came too late; or it did not run.")
    @Outcome(expect = FORBIDDEN, desc = "It ran and was canceled, or neither.")
    @State
    public static class T1_RunOrCanceled extends TaskState {
        private final LoopTask task = bench.loop.schedule(counting(), Duration.ZERO);

        public T1_RunOrCanceled() {
            super(Bench.byLoop());
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Actor
        public void canceler(II_Result r) {
            r.r2 = task.cancel() ? 1 : 0;
        }

        @Arbiter
        public void end(II_Result r) {
            bench.dutyCycle();
            r.r1 = ran;
        }
    }

    @JCStressTest
    @Description("T2: cancel a task against the duty cycle that takes it with another one")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The other one ran, and nothing of this one is left.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "The other one was lost with it.")
    @Outcome(expect = FORBIDDEN, desc = "The canceled one waits on.")
    @State
    public static class T2_CanceledAlone extends TaskState {
        private final LoopTask task = bench.loop.schedule(() -> {}, LATER);

        public T2_CanceledAlone() {
            super(Bench.byLoop());
            bench.loop.execute(counting());
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Actor
        public void canceler() {
            task.cancel();
        }

        @Arbiter
        public void end(II_Result r) {
            bench.dutyCycle();
            r.r1 = ran;
            r.r2 = bench.loop.tasks().nanosToSleep(Long.MAX_VALUE) == Long.MAX_VALUE ? 0 : 1;
        }
    }

    @JCStressTest
    @Description("T3: execute against the loop's end")
    @Outcome(
            id = {"1, 1, 0", "1, 0, 0", "0, 0, 0"},
            expect = ACCEPTABLE,
            desc = "The task ran, or was dropped, or was refused and did not run.")
    @Outcome(id = "0, 1, .*", expect = FORBIDDEN, desc = "It was refused, and ran.")
    @Outcome(expect = FORBIDDEN, desc = "It is left behind: a loop that has ended keeps it.")
    @State
    public static class T3_NothingIsLeftBehind extends TaskState {
        public T3_NothingIsLeftBehind() {
            super(Bench.byLoop());
        }

        @Actor
        public void giver(III_Result r) {
            try {
                bench.loop.execute(counting());
                r.r1 = 1;
            } catch (RejectedExecutionException e) {
                r.r1 = 0;
            }
        }

        @Actor
        public void loop() {
            bench.loop.onClose();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r2 = ran;
            r.r3 = bench.loop.tasks().hasNew() ? 1 : 0;
        }
    }

    @JCStressTest
    @Description("T4: execute against a duty cycle with nothing to do")
    @Outcome(
            id = {"0, 0", "1, ."},
            expect = ACCEPTABLE,
            desc = "The loop was woken for the task, or ran it before it slept.")
    @Outcome(expect = FORBIDDEN, desc = "A task waits, and the loop stays asleep.")
    @State
    public static class T4_SleeperIsWoken extends TaskState {
        public T4_SleeperIsWoken() {
            super(Bench.sleeping());
            bench.selector.expectWakeUp();
        }

        @Actor
        public void giver() {
            bench.loop.execute(counting());
            bench.selector.noThreadIsLeft();
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = ran;
            r.r2 = bench.selector.overslept() ? 1 : 0;
        }
    }
}
