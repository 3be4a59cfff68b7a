/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A command that measures, prints its tables, and writes its results to the file that {@code --out} names. */
@FunctionalInterface
public interface Command {
    /** Measures, and prints. */
    List<Result> run(Options options) throws Options.Wrong, IOException, InterruptedException;

    /** Ends the process if an option is wrong, or a run failed. */
    static void main(String[] args, Set<String> options, Set<String> switches, Command command)
            throws InterruptedException {
        try {
            Options parsed = Options.parse(args, options, switches);
            List<Result> results = command.run(parsed);
            if (parsed.has("--out")) {
                Results.write(Path.of(parsed.text("--out", "")), results);
            }
        } catch (Options.Wrong e) {
            System.err.println(e.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println("failed: " + e.getMessage());
            System.exit(1);
        }
    }
}
