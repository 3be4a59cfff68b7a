package io.sendbuffer.gate;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.collectors.TestResult;

/**
 * Shows that each race test can fail: breaks the library in one place, runs the tests of the invariant that this
 * breaks, and requires one of them to fail. A mutant that survives fails the run, and so does a patch that no longer
 * applies.
 *
 * <p>Usage, in the directory of the race tests: {@code java -cp target/jcstress.jar io.sendbuffer.gate.MutantRun
 * [regular expression for the names of the mutants]}.
 */
public final class MutantRun {
    private static final Path MUTANTS = Path.of("mutants");
    private static final Path ROOT = Path.of("..");

    /** Most mutants show at once; for those that do not, more time. In milliseconds of each of six iterations. */
    private static final List<Integer> ATTEMPTS = List.of(300, 1_000, 4_000);

    private static final String ROW = "%-4s %-32s %-42s %13s %11s  %s%n";

    private final PrintStream out;
    private int killed;
    private int failed;

    private MutantRun(PrintStream out) {
        this.out = out;
    }

    /** Runs the mutants, and exits with 0 only if each was killed. */
    public static void main(String[] args) throws Exception {
        Pattern selection = Pattern.compile(args.length == 0 ? "" : args[0]);
        MutantRun run = new MutantRun(System.out);
        run.out.printf(ROW, "", "mutant", "test that failed", "samples", "forbidden", "verdict");
        for (Path patch : patches()) {
            Mutant mutant = Mutant.of(patch);
            if (selection.matcher(mutant.name()).find()) {
                run.judge(mutant);
            }
        }
        run.out.printf("%d passed, %d failed%n", run.killed, run.failed);
        System.exit(run.failed == 0 && run.killed > 0 ? 0 : 1);
    }

    private static List<Path> patches() throws IOException {
        try (Stream<Path> files = Files.list(MUTANTS)) {
            return files.filter(file -> file.toString().endsWith(".patch"))
                    .sorted()
                    .toList();
        }
    }

    private void judge(Mutant mutant) throws InterruptedException, ClassNotFoundException, IOException {
        Path scratch = Files.createTempDirectory("mutant-" + mutant.name());
        try {
            Path classes = mutant.build(ROOT, scratch);
            for (int millis : ATTEMPTS) {
                RaceRunner runner =
                        RaceRunner.run(scratch.resolve("run"), classes.toString(), args(mutant, millis), false);
                Kill kill = Kill.among(runner.results());
                if (kill != null) {
                    row(mutant, kill, "killed");
                    killed++;
                    return;
                }
            }
            row(mutant, Kill.NONE, "SURVIVED: " + mutant.breaks());
            failed++;
        } catch (IOException e) {
            row(mutant, Kill.NONE, "FAILED: " + e.getMessage());
            failed++;
        } finally {
            delete(scratch);
        }
    }

    private static List<String> args(Mutant mutant, int millis) {
        return List.of(
                "-t",
                mutant.tests(),
                "-f",
                "1",
                "-iters",
                "6",
                "-time",
                Integer.toString(millis),
                "-strideSize",
                "16",
                "-strideCount",
                "32",
                "-sc",
                "false",
                "-jvmArgs",
                "-Xms256m");
    }

    private void row(Mutant mutant, Kill kill, String verdict) {
        out.printf(
                ROW,
                mutant.invariant(),
                mutant.name().substring(mutant.invariant().length() + 1),
                kill.test(),
                String.format(Locale.ROOT, "%,d", kill.samples()),
                String.format(Locale.ROOT, "%,d", kill.forbidden()),
                verdict);
        out.flush();
    }

    private static void delete(Path directory) throws IOException {
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

    /** The test that failed most, and how often. */
    private record Kill(String test, long samples, long forbidden) {
        static final Kill NONE = new Kill("-", 0, 0);

        static Kill among(Iterable<TestResult> results) {
            Kill worst = null;
            for (TestResult result : results) {
                long forbidden = forbiddenIn(result);
                if (forbidden > 0 && (worst == null || forbidden > worst.forbidden())) {
                    worst = new Kill(simpleName(result.getName()), result.getTotalCount(), forbidden);
                }
            }
            return worst;
        }

        private static long forbiddenIn(TestResult result) {
            return result.grading().gradingResults.values().stream()
                    .filter(grade -> grade.expect == Expect.FORBIDDEN)
                    .mapToLong(grade -> grade.count)
                    .sum();
        }

        private static String simpleName(String test) {
            return test.substring(test.lastIndexOf('.') + 1);
        }
    }
}
