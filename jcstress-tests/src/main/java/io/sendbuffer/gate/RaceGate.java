/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the race tests and passes only if every one of them ran and found nothing.
 *
 * <p>The runner's exit code is not enough: it is 0 when no test matches, when a test needs more processors than there
 * are, and when a test cannot be started. So this compares what the runner left in its result file with the list of
 * tests.
 *
 * <p>Usage: {@code java -cp target/jcstress.jar io.sendbuffer.gate.RaceGate [arguments of the runner]}, where
 * {@code -t} selects tests. With {@code --in-process} they run by {@link InProcessRun}, one JVM for all: the cadence of
 * a build, as jcstress itself starts several JVMs for each test.
 */
public final class RaceGate {
    private static final Path RESULTS = Path.of("target", "jcstress-results");

    /** With fewer tests than this, unless some are selected, the list of tests is broken. */
    private static final int MIN_TESTS = 150;

    /**
     * Fewer samples of a test than this prove nothing. About 25,000 of each JVM do not race: they measure how many
     * states fit in memory.
     */
    static final long MIN_SAMPLES = 60_000;

    /**
     * On a busy machine two spinning threads rarely overlap: a test that did not race enough gets more time, in
     * milliseconds for each iteration.
     */
    private static final List<String> MORE_TIME = List.of("400", "2000", "2000");

    private static final String IN_PROCESS = "--in-process";

    private RaceGate() {}

    /**
     * Runs the tests, and exits with 0 only if all passed.
     *
     * @param args passed on to the runner
     */
    public static void main(String[] args) throws Exception {
        boolean isSelection = List.of(args).contains("-t");
        Verdict verdict = new Verdict(selected(args), isSelection ? 1 : MIN_TESTS, MIN_SAMPLES);
        boolean inProcess = List.of(args).contains(IN_PROCESS);
        run(verdict, verdict.expected(), without(args, "-t"), inProcess);
        for (String millis : MORE_TIME) {
            if (!verdict.isPassed() || verdict.starved().isEmpty()) {
                break;
            }
            System.out.printf(
                    "%d tests raced too little on this busy machine and get more time%n",
                    verdict.starved().size());
            List<String> settings = without(args, "-t", "-time");
            settings.addAll(List.of("-time", millis));
            run(verdict, verdict.starved(), settings, inProcess);
        }
        verdict.conclude();
        verdict.print(!inProcess);
        System.exit(verdict.isPassed() ? 0 : 1);
    }

    private static void run(Verdict verdict, SortedSet<String> tests, List<String> settings, boolean inProcess)
            throws Exception {
        List<RaceRunner> runs = inProcess
                ? List.of(RaceRunner.inProcess(RESULTS, "", tests, settings, true))
                : RaceRunner.run(RESULTS, "", tests, settings, true);
        runs.forEach(verdict::judge);
    }

    private static List<String> without(String[] args, String... options) {
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (List.of(options).contains(args[i])) {
                i++; // and its value
            } else if (!args[i].equals(IN_PROCESS)) {
                rest.add(args[i]);
            }
        }
        return rest;
    }

    /** The tests that the runner would list for the same selection. */
    private static SortedSet<String> selected(String[] args) {
        int option = Arrays.asList(args).lastIndexOf("-t");
        Pattern selection = Pattern.compile(option < 0 || option + 1 == args.length ? "" : args[option + 1]);
        return TestList.tests().stream()
                .filter(test -> selection.matcher(test).find())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
