/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.CounterThread;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.util.Counter;
import org.openjdk.jcstress.util.Environment;

/**
 * One race in this JVM, by the runner that jcstress generated for it. It continues at its {@link Pace}, and ends at the
 * first iteration that saw what is forbidden.
 *
 * <p>jcstress's own loop adds up all samples. About 16,000 of them hardly race: its first step, the check, starts the
 * actors for a few states at a time, to measure how many fit in memory. This loop keeps those apart: what they saw is
 * judged, but they do not count as samples.
 */
final class Race<R> {
    /** An iteration whose actors do not end hangs; the same time as jcstress's. */
    private static final long HANGS_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** So few states fit in any memory. To measure that would take a third of a short race's time. */
    private static final int FEW_STATES = 512;

    private final Runner<R> runner;
    private final ForkedTestConfig strides;
    private final TestConfig config;
    private final Counter<R> raced = new Counter<>();

    /**
     * A race that did not run yet.
     *
     * @param runner the generated runner
     * @param strides the configuration that the runner was made with
     * @param config what the strides were made from
     */
    Race(Runner<R> runner, ForkedTestConfig strides, TestConfig config) {
        this.runner = runner;
        this.strides = strides;
        this.config = config;
    }

    /** Races at the given pace. */
    TestResult run(Pace pace) throws InterruptedException {
        Counter<R> calibration = new Counter<>();
        try {
            check(calibration);
        } catch (Throwable e) {
            return abnormal(Status.CHECK_TEST_ERROR, "The check of the test failed", e);
        }
        TestResult result = normal(calibration);
        if (!result.grading().isPassed) {
            return result;
        }
        long start = System.nanoTime();
        for (int done = 0; pace.wantsMore(done, raced.totalCount(), System.nanoTime() - start); done++) {
            result = iterate();
            if (result.status() != Status.NORMAL || !result.grading().isPassed) {
                break;
            }
        }
        return result;
    }

    /** Has jcstress check that the actors can run, and many states whether they fit in memory. */
    private void check(Counter<R> calibration) throws Throwable {
        int size = strides.strideSize;
        int count = strides.strideCount;
        if (size * count > FEW_STATES) {
            runner.sanityCheck(calibration);
            return;
        }
        strides.strideSize = 1;
        strides.strideCount = 1;
        runner.sanityCheck(calibration);
        strides.strideSize = size;
        strides.strideCount = count;
    }

    /** Lets the actors race once, and returns the result of all iterations so far. */
    private TestResult iterate() throws InterruptedException {
        List<CounterThread<R>> racing = runner.internalRun();
        long start = System.nanoTime();
        while (!racing.isEmpty()) {
            if (System.nanoTime() - start > HANGS_AFTER_NANOS) {
                return ended(new TestResult(Status.TIMEOUT_ERROR));
            }
            for (CounterThread<R> actor : racing) {
                actor.join(1_000); // no longer: the other may have thrown, and this one waits for it
                if (actor.throwable() != null) {
                    return abnormal(Status.TEST_ERROR, "An actor threw", actor.throwable());
                }
            }
            racing.removeIf(this::isOver);
        }
        return normal(raced);
    }

    /** Whether an actor is over; if so, its samples are added. */
    private boolean isOver(CounterThread<R> actor) {
        if (actor.isAlive()) {
            return false;
        }
        raced.merge(actor.result());
        return true;
    }

    private TestResult normal(Counter<R> outcomes) {
        TestResult result = new TestResult(Status.NORMAL);
        outcomes.elementSet().forEach(outcome -> result.addState(String.valueOf(outcome), outcomes.count(outcome)));
        return ended(result);
    }

    private TestResult abnormal(Status status, String message, Throwable cause) {
        TestResult result = new TestResult(status);
        result.addMessage(message);
        result.addMessages(cause);
        return ended(result);
    }

    private TestResult ended(TestResult result) {
        result.setConfig(config);
        result.setEnv(new Environment());
        return result;
    }
}
