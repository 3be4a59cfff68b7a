/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The options of a run that follow the command on the command line.
 *
 * @param set how much to measure
 * @param suite the one to run, if not all
 * @param directory where the report goes
 * @param skipMissing see {@link Suites#all}
 */
public record RunOptions(SetOfRuns set, Optional<String> suite, Path directory, boolean skipMissing) {
    /** The default directory of a report. */
    public static final Path DEFAULT_DIRECTORY = Path.of("target", "benchmark-report");

    /**
     * Parses them.
     *
     * @param command {@code short}, {@code medium}, {@code full} or the name of a suite
     * @throws WrongArgument if one is unknown
     */
    public static RunOptions parse(String command, List<String> arguments) throws WrongArgument {
        boolean oneSuite = Suites.names().contains(command);
        SetOfRuns set = SetOfRuns.named(command).orElse(SetOfRuns.SHORT);
        Path directory = oneSuite ? DEFAULT_DIRECTORY.resolve(command) : DEFAULT_DIRECTORY;
        boolean skipMissing = false;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String argument = left.next();
            if (argument.equals("--out") && left.hasNext()) {
                directory = Path.of(left.next());
            } else if (argument.equals("--skip-missing")) {
                skipMissing = true;
            } else if (oneSuite && SetOfRuns.named(argument).isPresent()) {
                set = SetOfRuns.named(argument).get();
            } else {
                String reason = argument.equals("--out") ? "--out needs a directory" : "unknown argument: " + argument;
                throw new WrongArgument(reason);
            }
        }
        return new RunOptions(set, oneSuite ? Optional.of(command) : Optional.empty(), directory, skipMissing);
    }
}
