package io.sendbuffer.gate;

import java.nio.file.Path;
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
 * <p>The runner alone does not tell: it exits with 0 when no test matches, when a test needs more processors than there
 * are, and when a test cannot be started. So this compares what the runner left in its result file with the list of
 * tests.
 *
 * <p>Usage: {@code java -cp target/jcstress.jar -Drace.min=N io.sendbuffer.gate.RaceGate [arguments of the runner]}.
 */
public final class RaceGate {
    private static final Path RESULTS = Path.of("target", "jcstress-results");

    private RaceGate() {}

    /**
     * Runs the tests, and exits with 0 only if all is well.
     *
     * @param args passed on to the runner
     */
    public static void main(String[] args) throws Exception {
        Verdict verdict =
                new Verdict(selected(args), Integer.getInteger("race.min", 1), Long.getLong("race.samples", 1));
        verdict.judge(RaceRunner.run(RESULTS, "", List.of(args), true));
        verdict.print();
        System.exit(verdict.isPassed() ? 0 : 1);
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
