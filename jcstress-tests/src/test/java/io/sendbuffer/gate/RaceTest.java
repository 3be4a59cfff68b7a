/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.CounterThread;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.util.Counter;

/** How long a race in process continues, and what its verdict is. Its name and outcomes are those of a real race. */
class RaceTest {
    private static final String RACE = "io.sendbuffer.RefCountRaces.R1_RetainAtZeroFails";
    private static final String ACCEPTABLE = "42, 1, 0";
    private static final String FORBIDDEN = "9, 1, 0";
    private static final long ENOUGH = 100;
    private static final int LONG = 1_000;

    private final TestConfig config = config(16, 32);

    @Test
    void aRaceContinuesUntilItHasEnoughSamples() throws InterruptedException {
        Scripted runner = new Scripted(config).calibration(ACCEPTABLE, 0);
        TestResult result = runner.everyIteration(ACCEPTABLE, 30).race(new Pace(2, ENOUGH, LONG));
        assertEquals(4, runner.iterations);
        assertEquals(120, result.getTotalCount());
        assertTrue(verdict(result).isPassed());
    }

    @Test
    void aRaceWithEnoughSamplesDoesItsIterations() throws InterruptedException {
        Scripted runner = new Scripted(config);
        runner.everyIteration(ACCEPTABLE, 1_000).race(new Pace(2, ENOUGH, LONG));
        assertEquals(2, runner.iterations);
    }

    @Test
    void whatCalibratesIsNoSample() throws InterruptedException {
        Scripted runner = new Scripted(config).calibration(ACCEPTABLE, 25_000);
        TestResult result = runner.everyIteration(ACCEPTABLE, 50).race(new Pace(1, ENOUGH, LONG));
        assertEquals(2, runner.iterations);
        assertEquals(100, result.getTotalCount());
    }

    @Test
    void aRaceWhoseTimeIsUpIsStarved() throws InterruptedException {
        Scripted runner = new Scripted(config).calibration(ACCEPTABLE, 25_000);
        TestResult result = runner.everyIteration(ACCEPTABLE, 30).race(new Pace(3, ENOUGH, 0));
        assertEquals(3, runner.iterations);
        assertEquals(90, result.getTotalCount());
        Verdict verdict = verdict(result);
        assertEquals(new TreeSet<>(List.of(RACE)), verdict.starved());
        assertFalse(verdict.isPassed());
    }

    @Test
    void aRaceEndsAtTheFirstIterationThatSeesWhatIsForbidden() throws InterruptedException {
        Scripted runner = new Scripted(config).iteration(ACCEPTABLE, 30).iteration(FORBIDDEN, 1);
        TestResult result = runner.everyIteration(ACCEPTABLE, 30).race(new Pace(9, ENOUGH, LONG));
        assertEquals(2, runner.iterations);
        assertEquals(1, result.getCount(FORBIDDEN));
        assertFalse(verdict(result).isPassed());
    }

    @Test
    void whatIsForbiddenFailsARaceWhileItCalibratesToo() throws InterruptedException {
        Scripted runner = new Scripted(config).calibration(FORBIDDEN, 1);
        TestResult result = runner.everyIteration(ACCEPTABLE, 1_000).race(new Pace(2, ENOUGH, LONG));
        assertEquals(0, runner.iterations);
        assertFalse(verdict(result).isPassed());
    }

    @Test
    void anActorThatThrowsFailsTheRace() throws InterruptedException {
        Scripted runner = new Scripted(config).throwing(new IllegalStateException("as the test wants it"));
        TestResult result = runner.race(new Pace(2, ENOUGH, LONG));
        assertEquals(1, runner.iterations);
        assertEquals(Status.TEST_ERROR, result.status());
        assertFalse(verdict(result).isPassed());
    }

    @Test
    void aCheckThatThrowsFailsTheRace() throws InterruptedException {
        Scripted runner = new Scripted(config).throwingAtOnce(new NoSuchMethodError("as the test wants it"));
        TestResult result = runner.everyIteration(ACCEPTABLE, 1_000).race(new Pace(2, ENOUGH, LONG));
        assertEquals(0, runner.iterations);
        assertEquals(Status.CHECK_TEST_ERROR, result.status());
        assertFalse(verdict(result).isPassed());
    }

    @Test
    void fewStatesAreNotMeasured() throws InterruptedException {
        Scripted runner = new Scripted(config);
        runner.everyIteration(ACCEPTABLE, 1_000).race(new Pace(1, ENOUGH, LONG));
        assertEquals(1, runner.checkedStates);
        assertEquals(512, runner.racedStates);
    }

    @Test
    void manyStatesAreMeasured() throws InterruptedException {
        Scripted runner = new Scripted(config(256, 40));
        runner.everyIteration(ACCEPTABLE, 1_000).race(new Pace(1, ENOUGH, LONG));
        assertEquals(10_240, runner.checkedStates);
    }

    private static Verdict verdict(TestResult result) {
        SortedSet<String> tests = new TreeSet<>(List.of(RACE));
        Verdict verdict = new Verdict(tests, 1, ENOUGH);
        verdict.judge(new RaceRunner(tests, 0, List.of(), 1, List.of(result)));
        verdict.conclude();
        return verdict;
    }

    private static TestConfig config(int strideSize, int strideCount) {
        try {
            Options options =
                    new Options(("-time 1 -strideSize " + strideSize + " -strideCount " + strideCount).split(" "));
            options.parse();
            return InProcessRun.config(options, TestList.getInfo(RACE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stands for a generated runner: has the outcomes that a test wants. */
    private static final class Scripted extends Runner<String> {
        private final TestConfig test;
        private final List<Outcome> first = new ArrayList<>();
        private final Counter<String> calibration = new Counter<>();
        private Iterator<Outcome> script = first.iterator();
        private Outcome every;
        private RuntimeException thrown;
        private Error thrownAtOnce;
        int iterations;
        int checkedStates;
        int racedStates;

        Scripted(TestConfig test) {
            super(new ForkedTestConfig(test));
            this.test = test;
        }

        Scripted calibration(String outcome, long count) {
            calibration.record(outcome, count);
            return this;
        }

        Scripted iteration(String outcome, long count) {
            first.add(new Outcome(outcome, count));
            return this;
        }

        Scripted everyIteration(String outcome, long count) {
            every = new Outcome(outcome, count);
            return this;
        }

        Scripted throwing(RuntimeException e) {
            thrown = e;
            return this;
        }

        Scripted throwingAtOnce(Error e) {
            thrownAtOnce = e;
            return this;
        }

        TestResult race(Pace pace) throws InterruptedException {
            script = first.iterator();
            return new Race<>(this, config, test).run(pace);
        }

        @Override
        public void sanityCheck(Counter<String> counter) {
            if (thrownAtOnce != null) {
                throw thrownAtOnce;
            }
            checkedStates = config.strideSize * config.strideCount;
            counter.merge(calibration);
        }

        @Override
        public ArrayList<CounterThread<String>> internalRun() {
            iterations++;
            racedStates = config.strideSize * config.strideCount;
            CounterThread<String> actor = new Actor(script.hasNext() ? script.next() : every, thrown);
            actor.start();
            return new ArrayList<>(List.of(actor));
        }
    }

    private record Outcome(String name, long count) {}

    private static final class Actor extends CounterThread<String> {
        private final Outcome outcome;
        private final RuntimeException thrown;

        Actor(Outcome outcome, RuntimeException thrown) {
            super("actor");
            this.outcome = outcome;
            this.thrown = thrown;
        }

        @Override
        protected Counter<String> internalRun() {
            if (thrown != null) {
                throw thrown;
            }
            Counter<String> counter = new Counter<>();
            counter.record(outcome.name(), outcome.count());
            return counter;
        }

        @Override
        public void purge() {}
    }
}
