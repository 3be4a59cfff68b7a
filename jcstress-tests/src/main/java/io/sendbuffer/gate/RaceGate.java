package io.sendbuffer.gate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
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
    private static final String RESULT_FILES = "jcstress-results-*.bin.gz";

    private RaceGate() {}

    /**
     * Runs the tests, and exits with 0 only if all is well.
     *
     * @param args passed on to the runner
     */
    public static void main(String[] args) throws Exception {
        Verdict verdict =
                new Verdict(selected(args), Integer.getInteger("race.min", 1), Long.getLong("race.samples", 1));
        prepareResults();
        Runner runner = Runner.run(args);
        verdict.judge(runner, readResults());
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

    /** Deletes the results of earlier runs: they must not stand in for those of this one. */
    private static void prepareResults() throws IOException {
        Files.createDirectories(RESULTS);
        for (Path old : resultFiles()) {
            Files.delete(old);
        }
    }

    private static Collection<TestResult> readResults() throws IOException, ClassNotFoundException {
        InProcessCollector collector = new InProcessCollector();
        for (Path file : resultFiles()) {
            DiskReadCollector reader = new DiskReadCollector(file.toString(), collector);
            try {
                reader.dump();
            } finally {
                reader.close();
            }
        }
        return collector.getTestResults();
    }

    private static List<Path> resultFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(RESULTS, RESULT_FILES)) {
            found.forEach(files::add);
        }
        return files;
    }

    /** The runner as a process of its own, and what it said. */
    record Runner(int exitCode, List<String> complaints, int planned) {
        private static final Pattern PLANNED = Pattern.compile("(\\d+) planned;");
        private static final Pattern COMPLAINT =
                Pattern.compile("No scheduling is possible|No matching tests|FATAL:|No JVM configurations");

        static Runner run(String[] args) throws IOException, InterruptedException {
            Process process = new ProcessBuilder(commandLine(args))
                    .directory(RESULTS.toFile())
                    .redirectErrorStream(true)
                    .start();
            List<String> complaints = new ArrayList<>();
            int planned = 0;
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    System.out.println(line);
                    if (COMPLAINT.matcher(line).find()) {
                        complaints.add(line.strip());
                    }
                    var plan = PLANNED.matcher(line);
                    if (plan.find()) {
                        planned = Integer.parseInt(plan.group(1));
                    }
                }
            }
            return new Runner(process.waitFor(), complaints, planned);
        }

        private static List<String> commandLine(String[] args) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(argument -> !argument.startsWith("-Drace."))
                    .forEach(command::add);
            command.add("-cp");
            command.add(absoluteClassPath());
            command.add(Main.class.getName());
            command.addAll(List.of(args));
            command.addAll(List.of("-r", "report"));
            return command;
        }

        /** Absolute, because the runner writes its result file where it is started. */
        private static String absoluteClassPath() {
            String separator = System.getProperty("path.separator");
            return Arrays.stream(System.getProperty("java.class.path").split(Pattern.quote(separator)))
                    .map(entry -> Path.of(entry).toAbsolutePath().toString())
                    .collect(Collectors.joining(separator));
        }
    }
}
