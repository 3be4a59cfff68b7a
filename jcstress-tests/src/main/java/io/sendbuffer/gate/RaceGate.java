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
 * {@code -t} selects tests. With {@code --in-process} they run by {@link InProcessRun}, one JVM for all, each until it
 * has enough samples: the cadence of a build, as jcstress itself starts several JVMs for each test.
 */
public final class RaceGate {
    private static final Path RESULTS = Path.of("target", "jcstress-results");

    /** With fewer tests than this, unless some are selected, the list of tests is broken. */
    private static final int MIN_TESTS = 150;

    /**
     * Fewer samples of a test than this prove nothing. Of those that jcstress counts, about 16,000 of each JVM do not
     * race: they measure how many states fit in memory. {@link Race} does not count them.
     */
    static final long MIN_SAMPLES = 60_000;

    /**
     * On a busy machine two spinning threads rarely overlap: in process a race continues until it has enough samples,
     * and for this many seconds at most.
     */
    private static final int LIMIT_SECONDS = 60;

    /** A test that did not race enough in JVMs of its own runs again, for these milliseconds in each iteration. */
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
        List<String> arguments = without(args, "-t");
        if (inProcess) {
            arguments.addAll(Pace.until(MIN_SAMPLES, LIMIT_SECONDS));
            verdict.judge(RaceRunner.inProcess(RESULTS, "", verdict.expected(), arguments, true));
        } else {
            runForked(verdict, args, arguments);
        }
        verdict.conclude();
        verdict.print(!inProcess);
        System.exit(verdict.isPassed() ? 0 : 1);
    }

    private static void runForked(Verdict verdict, String[] args, List<String> arguments) throws Exception {
        run(verdict, verdict.expected(), arguments);
        for (String millis : MORE_TIME) {
            if (!verdict.isPassed() || verdict.starved().isEmpty()) {
                break;
            }
            System.out.printf(
                    "%d tests raced too little on this busy machine and get more time%n",
                    verdict.starved().size());
            List<String> settings = without(args, "-t", "-time");
            settings.addAll(List.of("-time", millis));
            run(verdict, verdict.starved(), settings);
        }
    }

    private static void run(Verdict verdict, SortedSet<String> tests, List<String> settings) throws Exception {
        RaceRunner.run(RESULTS, "", tests, settings, true).forEach(verdict::judge);
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
