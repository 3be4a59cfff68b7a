/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * One run of race tests as a process of its own, and what it left behind.
 *
 * @param tests what it had to run
 * @param exitCode the exit code, which alone proves nothing
 * @param complaints lines of its output that say that something did not run
 * @param planned how many runs it planned
 * @param results what its result file holds
 */
record RaceRunner(
        SortedSet<String> tests, int exitCode, List<String> complaints, int planned, Collection<TestResult> results) {
    private static final String RESULT_FILES = "jcstress-results-*.bin.gz";
    private static final Pattern PLANNED = Pattern.compile("(\\d+) planned;");
    private static final Pattern COMPLAINT =
            Pattern.compile("No scheduling is possible|No matching tests|FATAL:|No JVM configurations");

    /**
     * Runs the tests: those with at most one actor per processor by jcstress itself, the others by
     * {@link InProcessRun}.
     *
     * @param directory where to store the results; those of an earlier run are deleted, so that they are not mistaken
     *     for these
     * @param firstOnClassPath a directory of classes that hide those of the jar, or empty
     * @param args the runner's, without a selection of tests
     * @param echo whether its output goes to the console
     */
    static List<RaceRunner> run(
            Path directory, String firstOnClassPath, SortedSet<String> tests, List<String> args, boolean echo)
            throws IOException, InterruptedException, ClassNotFoundException {
        SortedSet<String> paired = new TreeSet<>(tests);
        paired.removeIf(RaceRunner::isCrowded);
        SortedSet<String> crowded = new TreeSet<>(tests);
        crowded.removeAll(paired);
        List<RaceRunner> runs = new ArrayList<>();
        if (!paired.isEmpty()) {
            List<String> command =
                    command(firstOnClassPath, Main.class.getName(), "-t", exactly(paired), "-r", "report");
            command.addAll(args);
            runs.add(start(directory, command, paired, echo));
        }
        if (!crowded.isEmpty()) {
            runs.add(inProcess(directory, firstOnClassPath, crowded, args, echo));
        }
        return runs;
    }

    /** Runs the tests by {@link InProcessRun}, which starts immediately: jcstress takes 15 s to probe the JVM. */
    static RaceRunner inProcess(
            Path directory, String firstOnClassPath, SortedSet<String> tests, List<String> args, boolean echo)
            throws IOException, InterruptedException, ClassNotFoundException {
        List<String> command = command(firstOnClassPath, InProcessRun.class.getName(), String.join(",", tests));
        command.addAll(args);
        return start(directory, command, tests, echo);
    }

    private static boolean isCrowded(String test) {
        return TestList.getInfo(test).threads() > Runtime.getRuntime().availableProcessors();
    }

    private static String exactly(SortedSet<String> tests) {
        return tests.stream().map(test -> Pattern.quote(test) + "$").collect(Collectors.joining("|"));
    }

    private static RaceRunner start(Path directory, List<String> command, SortedSet<String> tests, boolean echo)
            throws IOException, InterruptedException, ClassNotFoundException {
        Files.createDirectories(directory);
        for (Path old : resultFiles(directory)) {
            Files.delete(old);
        }
        Process process = new ProcessBuilder(command)
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
        return new RaceRunner(tests, process.waitFor(), complaints, planned, readResults(directory));
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

    private static List<String> command(String firstOnClassPath, String... mainClassAndArgs) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-cp");
        String separator = System.getProperty("path.separator");
        command.add(firstOnClassPath.isEmpty() ? ownClassPath() : firstOnClassPath + separator + ownClassPath());
        command.addAll(List.of(mainClassAndArgs));
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
