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
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;

/**
 * One run of jcstress as a process of its own, and what it left behind.
 *
 * @param exitCode which alone proves nothing
 * @param complaints lines of its output that say that something did not run
 * @param planned how many runs it planned
 * @param results what its result file holds
 */
record RaceRunner(int exitCode, List<String> complaints, int planned, Collection<TestResult> results) {
    private static final String RESULT_FILES = "jcstress-results-*.bin.gz";
    private static final Pattern PLANNED = Pattern.compile("(\\d+) planned;");
    private static final Pattern COMPLAINT =
            Pattern.compile("No scheduling is possible|No matching tests|FATAL:|No JVM configurations");

    /**
     * Runs jcstress.
     *
     * @param directory where it leaves its results; those of an earlier run are deleted, lest they stand in for these
     * @param firstOnClassPath a directory of classes that hide those of the jar, or empty
     * @param echo whether its output goes to the console
     */
    static RaceRunner run(Path directory, String firstOnClassPath, List<String> args, boolean echo)
            throws IOException, InterruptedException, ClassNotFoundException {
        Files.createDirectories(directory);
        for (Path old : resultFiles(directory)) {
            Files.delete(old);
        }
        Process process = new ProcessBuilder(commandLine(firstOnClassPath, args))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        List<String> complaints = new ArrayList<>();
        int planned = 0;
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (echo) {
                    System.out.println(line);
                }
                if (COMPLAINT.matcher(line).find()) {
                    complaints.add(line.strip());
                }
                var plan = PLANNED.matcher(line);
                if (plan.find()) {
                    planned = Integer.parseInt(plan.group(1));
                }
            }
        }
        return new RaceRunner(process.waitFor(), complaints, planned, readResults(directory));
    }

    private static Collection<TestResult> readResults(Path directory) throws IOException, ClassNotFoundException {
        InProcessCollector collector = new InProcessCollector();
        for (Path file : resultFiles(directory)) {
            DiskReadCollector reader = new DiskReadCollector(file.toString(), collector);
            try {
                reader.dump();
            } finally {
                reader.close();
            }
        }
        return collector.getTestResults();
    }

    private static List<Path> resultFiles(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, RESULT_FILES)) {
            found.forEach(files::add);
        }
        return files;
    }

    private static List<String> commandLine(String firstOnClassPath, List<String> args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-Drace."))
                .forEach(command::add);
        command.add("-cp");
        String separator = System.getProperty("path.separator");
        command.add(firstOnClassPath.isEmpty() ? ownClassPath() : firstOnClassPath + separator + ownClassPath());
        command.add(Main.class.getName());
        command.addAll(args);
        command.addAll(List.of("-r", "report"));
        return command;
    }

    /** Absolute, because the runner writes its result file where it is started. */
    static String ownClassPath() {
        String separator = System.getProperty("path.separator");
        return Arrays.stream(System.getProperty("java.class.path").split(Pattern.quote(separator)))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(separator));
    }
}
