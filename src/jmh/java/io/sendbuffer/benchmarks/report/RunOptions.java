package io.sendbuffer.benchmarks.report;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What the command line of a run says after the command.
 *
 * @param full the whole set, not the short one
 * @param suite the one to run, if not all
 * @param directory where the report goes
 * @param skipMissing see {@link Suites#all}
 */
public record RunOptions(boolean full, Optional<String> suite, Path directory, boolean skipMissing) {
    /** Where a report goes if nothing is said. */
    public static final Path DEFAULT_DIRECTORY = Path.of("target", "benchmark-report");

    /**
     * Reads them.
     *
     * @param command {@code short}, {@code full} or the name of a suite
     * @throws WrongArgument if one is unknown
     */
    public static RunOptions parse(String command, List<String> arguments) throws WrongArgument {
        boolean oneSuite = Suites.names().contains(command);
        boolean full = command.equals("full");
        Path directory = DEFAULT_DIRECTORY;
        boolean skipMissing = false;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String argument = left.next();
            if (argument.equals("--out") && left.hasNext()) {
                directory = Path.of(left.next());
            } else if (argument.equals("--skip-missing")) {
                skipMissing = true;
            } else if (oneSuite && (argument.equals("short") || argument.equals("full"))) {
                full = argument.equals("full");
            } else {
                String reason = argument.equals("--out") ? "--out needs a directory" : "unknown argument: " + argument;
                throw new WrongArgument(reason);
            }
        }
        return new RunOptions(full, oneSuite ? Optional.of(command) : Optional.empty(), directory, skipMissing);
    }
}
