/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.TestResult;

/**
 * What a run of the race tests proves: each test passed, or one sentence for each reason why the run does not count.
 */
final class Verdict {
    private final SortedSet<String> expected;
    private final int minTests;
    private final long leastSamples;

    private final List<String> objections = new ArrayList<>();
    private final Map<String, Tally> tallies = new TreeMap<>();

    Verdict(SortedSet<String> expected, int minTests, long leastSamples) {
        this.expected = expected;
        this.minTests = minTests;
        this.leastSamples = leastSamples;
        expected.forEach(test -> tallies.put(test, new Tally()));
    }

    SortedSet<String> expected() {
        return expected;
    }

    /** Adds a run of some of the expected tests. */
    void judge(RaceRunner runner) {
        if (runner.exitCode() != 0) {
            object("The runner ended with exit code %d.", runner.exitCode());
        }
        runner.complaints().forEach(complaint -> object("The runner said: %s", complaint));
        if (runner.planned() == 0 || runner.planned() % runner.tests().size() != 0) {
            object(
                    "The runner planned %d runs for %d tests.",
                    runner.planned(), runner.tests().size());
        }
        if (runner.results().size() != runner.planned()) {
            object(
                    "%d runs were planned and %d have a result.",
                    runner.planned(), runner.results().size());
        }
        runner.results().forEach(this::count);
    }

    /** The tests that took too few samples so far. */
    SortedSet<String> starved() {
        SortedSet<String> starved = new TreeSet<>(expected);
        starved.removeIf(test -> tallies.get(test).samples >= leastSamples);
        return starved;
    }

    /** Judges each test by all of its runs. */
    void conclude() {
        if (expected.size() < minTests) {
            object("%d tests are selected, and there must be at least %d.", expected.size(), minTests);
        }
        tallies.forEach(this::judgeTest);
    }

    private void count(TestResult result) {
        Tally tally = tallies.get(result.getName());
        if (tally == null) {
            object("%s ran and was not selected.", result.getName());
        } else {
            tally.add(result);
        }
    }

    private void judgeTest(String test, Tally tally) {
        if (tally.runs == 0) {
            object("%s did not run.", test);
        } else if (!tally.problems.isEmpty()) {
            object("%s failed in %d of %d runs: %s.", test, tally.failedRuns, tally.runs, tally.problems);
        } else if (tally.samples < leastSamples) {
            tally.failedRuns++;
            object("%s took %,d samples, and fewer than %,d prove nothing.", test, tally.samples, leastSamples);
        }
    }

    private void object(String sentence, Object... values) {
        objections.add(String.format(sentence, values));
    }

    boolean isPassed() {
        return objections.isEmpty();
    }

    /** Prints the samples of each test if asked to, the objections, and finally the count. */
    void print(boolean eachTest) {
        if (eachTest) {
            tallies.forEach((test, tally) -> System.out.printf("%,15d samples  %s%n", tally.samples, test));
        }
        objections.forEach(System.out::println);
        long passed = tallies.values().stream().filter(Tally::isPassed).count();
        long failed = Math.max(tallies.size() - passed, isPassed() ? 0 : 1);
        System.out.printf("%d passed, %d failed%n", passed, failed);
    }

    /** All runs of one test. */
    private static final class Tally {
        int runs;
        int failedRuns;
        long samples;
        final List<String> problems = new ArrayList<>();

        void add(TestResult result) {
            runs++;
            samples += result.getTotalCount();
            List<String> found = problemsOf(result);
            if (!found.isEmpty()) {
                failedRuns++;
                found.stream().filter(problem -> !problems.contains(problem)).forEach(problems::add);
            }
        }

        boolean isPassed() {
            return runs > 0 && failedRuns == 0;
        }

        private static List<String> problemsOf(TestResult result) {
            if (result.status() != Status.NORMAL) {
                return List.of(result.status() + " " + result.getMessages());
            }
            List<String> found = new ArrayList<>(result.grading().failureMessages);
            if (found.isEmpty() && !result.grading().isPassed) {
                found.add("a forbidden result");
            }
            return found;
        }
    }
}
