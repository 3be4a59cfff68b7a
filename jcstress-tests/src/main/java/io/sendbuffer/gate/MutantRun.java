/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Shows that each race test can fail: breaks the library in one place, and requires the tests that the mutant names to
 * fail. The run fails if one of them does not, if a mutant no longer applies, or if no mutant names a race test. A
 * mutant that says why it survives must survive: if it is killed, its file is out of date.
 *
 * <p>Usage, in the directory of the race tests: {@code java -cp target/jcstress.jar io.sendbuffer.gate.MutantRun
 * [regular expression for the names of the mutants]}. With {@code --apply} it runs nothing, and only checks whether
 * each mutant applies and compiles.
 */
public final class MutantRun {
    private static final Path MUTANTS = Path.of("mutants");
    private static final Path ROOT = Path.of("..");

    /** Most mutants are killed at once; the others get more time, and then everything that jcstress tries. */
    private static final List<Attempt> ATTEMPTS = List.of(
            new Attempt(60, false),
            new Attempt(250, false),
            new Attempt(1_000, false),
            new Attempt(1_000, true),
            new Attempt(5_000, true),
            new Attempt(10_000, false),
            new Attempt(15_000, true));

    /** A mutant's claim that it survives is tested: it gets enough samples, on a busy machine too. */
    private static final List<Attempt> ATTEMPTS_OF_SURVIVOR =
            List.of(new Attempt(500, false), new Attempt(2_000, false), new Attempt(8_000, false));

    private static final String ROW = "| %-9s | %-35s | %-36s | %9s | %9s | %s%n";

    /** The tests, by the name that a mutant uses for them. */
    private final Map<String, String> tests = TestList.tests().stream()
            .collect(Collectors.toMap(MutantRun::simpleName, test -> test, MutantRun::refuseTwo, TreeMap::new));

    private final SortedSet<String> shownToFail = new TreeSet<>();
    private final PrintStream out;
    private final Path unbroken;
    private int passed;
    private int failed;

    private MutantRun(PrintStream out, Path unbroken) {
        this.out = out;
        this.unbroken = unbroken;
    }

    /** Runs the mutants, and exits with 0 only if each did what its file says. */
    public static void main(String[] args) throws Exception {
        if (List.of(args).equals(List.of("--apply"))) {
            System.exit(MutantCheck.passes(ROOT, files(), System.out) ? 0 : 1);
        }
        Pattern selection = Pattern.compile(args.length == 0 ? "" : args[0]);
        Path unbroken = Files.createTempDirectory("unbroken");
        MutantRun run = new MutantRun(System.out, unbroken);
        try {
            Mutant.compileAll(ROOT, unbroken);
            run.judgeAll(selection, args.length == 0);
        } finally {
            delete(unbroken);
        }
        System.exit(run.failed == 0 && run.passed > 0 ? 0 : 1);
    }

    private void judgeAll(Pattern selection, boolean isWhole) throws Exception {
        out.printf(ROW, "invariant", "test", "mutant", "samples", "forbidden", "verdict");
        out.printf(ROW, "---", "---", "---", "--:", "--:", "---");
        for (Path file : files()) {
            if (selection.matcher(file.getFileName().toString()).find()) {
                judge(Mutant.of(file));
            }
        }
        if (isWhole) {
            judgeTestsWithoutMutant();
        }
        out.printf("%d passed, %d failed%n", passed, failed);
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(MUTANTS)) {
            return files.filter(file -> file.toString().endsWith(Mutant.EXTENSION))
                    .sorted(Comparator.comparing(MutantRun::withPaddedNumber))
                    .toList();
        }
    }

    /** The sort key of a file: Q2 comes before Q10. */
    private static String withPaddedNumber(Path file) {
        return file.getFileName().toString().replaceFirst("^(\\D)(\\d)-", "$10$2-");
    }

    private void judge(Mutant mutant) throws InterruptedException, ClassNotFoundException, IOException {
        Path scratch = Files.createTempDirectory("mutant-" + mutant.name());
        try {
            String classes = mutant.build(ROOT, unbroken, scratch) + File.pathSeparator + unbroken;
            judge(mutant, run(mutant, classes, scratch.resolve("run")));
        } catch (IOException e) {
            failed++;
            row(mutant, "-", Tally.NONE, "FAILED: " + e.getMessage());
        } finally {
            delete(scratch);
        }
    }

    private void judge(Mutant mutant, Map<String, Tally> tallies) {
        tallies.forEach((test, tally) -> {
            boolean killed = tally.forbidden() > 0;
            if (killed) {
                shownToFail.add(test);
            }
            String objection = objection(mutant, tally);
            if (objection.isEmpty()) {
                passed++;
                row(mutant, test, tally, killed ? "killed" : "survives: " + mutant.survives());
            } else {
                failed++;
                row(mutant, test, tally, objection);
            }
        });
    }

    private static String objection(Mutant mutant, Tally tally) {
        boolean killed = tally.forbidden() > 0;
        if (mutant.survives().isEmpty()) {
            return killed ? "" : "SURVIVED: " + mutant.breaks();
        }
        if (killed) {
            return "KILLED, against what its file says";
        }
        return tally.samples() < RaceGate.MIN_SAMPLES ? "NOT TRIED: too few samples" : "";
    }

    /** Runs the tests that the mutant names; those that did not fail get more and more time. */
    private Map<String, Tally> run(Mutant mutant, String classes, Path directory)
            throws InterruptedException, ClassNotFoundException, IOException {
        Map<String, Tally> tallies = new TreeMap<>();
        for (String test : mutant.kills()) {
            if (!tests.containsKey(test)) {
                throw new IOException(mutant.name() + " names " + test + ", and there is no such test");
            }
            tallies.put(test, Tally.NONE);
        }
        for (Attempt attempt : mutant.survives().isEmpty() ? ATTEMPTS : ATTEMPTS_OF_SURVIVOR) {
            SortedSet<String> open = tallies.entrySet().stream()
                    .filter(entry -> isOpen(mutant, entry.getValue()))
                    .map(entry -> tests.get(entry.getKey()))
                    .collect(Collectors.toCollection(TreeSet::new));
            if (open.isEmpty()) {
                break;
            }
            for (RaceRunner run : attempt.run(directory, classes, open)) {
                run.results()
                        .forEach(result -> tallies.merge(simpleName(result.getName()), Tally.of(result), Tally::plus));
            }
        }
        return tallies;
    }

    private static boolean isOpen(Mutant mutant, Tally tally) {
        return tally.forbidden() == 0 && (mutant.survives().isEmpty() || tally.samples() < RaceGate.MIN_SAMPLES);
    }

    private void judgeTestsWithoutMutant() {
        for (String test : tests.keySet()) {
            if (!shownToFail.contains(test)) {
                failed++;
                out.printf("%s was killed by no mutant: nothing shows that it can fail%n", test);
            }
        }
    }

    private void row(Mutant mutant, String test, Tally tally, String verdict) {
        out.printf(
                ROW,
                mutant.invariant(),
                test,
                mutant.what(),
                String.format(Locale.ROOT, "%,d", tally.samples()),
                String.format(Locale.ROOT, "%,d", tally.forbidden()),
                verdict);
        out.flush();
    }

    private static String refuseTwo(String one, String other) {
        throw new IllegalStateException(
                one + " and " + other + " have the same name; a mutant could not say which of them it means");
    }

    private static String simpleName(String test) {
        return test.substring(test.lastIndexOf('.') + 1);
    }

    static void delete(Path directory) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(all::add);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path file : all) {
            Files.delete(file);
        }
    }

    /** One attempt at the tests, with the given milliseconds for each of four iterations. */
    private record Attempt(int millis, boolean byJcstress) {
        List<RaceRunner> run(Path directory, String classes, SortedSet<String> tests)
                throws IOException, InterruptedException, ClassNotFoundException {
            return byJcstress
                    ? RaceRunner.run(directory, classes, tests, args(), false)
                    : List.of(RaceRunner.inProcess(directory, classes, tests, args(), false));
        }

        private List<String> args() {
            return List.of(
                    ("-f 1 -iters 4 -time " + millis + " -strideSize 16 -strideCount 32 -sc false -jvmArgs -Xms256m")
                            .split(" "));
        }
    }

    /** How often a test ran, and how often it saw a forbidden outcome. */
    private record Tally(long samples, long forbidden) {
        static final Tally NONE = new Tally(0, 0);

        /** A run that did not end normally proves nothing. */
        static Tally of(TestResult result) {
            if (result.status() != Status.NORMAL) {
                return NONE;
            }
            long forbidden = result.grading().gradingResults.values().stream()
                    .filter(grade -> grade.expect == Expect.FORBIDDEN)
                    .mapToLong(grade -> grade.count)
                    .sum();
            return new Tally(result.getTotalCount(), forbidden);
        }

        Tally plus(Tally other) {
            return new Tally(samples + other.samples, forbidden + other.forbidden);
        }
    }
}
