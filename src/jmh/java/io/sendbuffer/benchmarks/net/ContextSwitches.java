/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The context switches of all threads of this process, where Linux reports them. */
final class ContextSwitches {
    private static final Path TASKS = Path.of("/proc/self/task");

    private ContextSwitches() {}

    /** Voluntary and involuntary, of the live threads; negative if unknown. */
    static long ofProcess() {
        if (!Files.isDirectory(TASKS)) {
            return -1;
        }
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                sum += ofTask(task);
            }
        } catch (IOException e) {
            return -1;
        }
        return sum;
    }

    private static long ofTask(Path task) {
        try {
            return Files.readAllLines(task.resolve("status")).stream()
                    .filter(line -> line.contains("voluntary_ctxt_switches:"))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(line.indexOf(':') + 1).trim()))
                    .sum();
        } catch (IOException e) {
            return 0; // ended meanwhile
        }
    }
}
