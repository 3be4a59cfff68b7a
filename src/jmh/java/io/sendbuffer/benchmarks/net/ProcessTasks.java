/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;

/** The sums over the live threads of a process, where Linux reports them; negative elsewhere. */
public final class ProcessTasks {
    private ProcessTasks() {}

    /** Voluntary and involuntary ones. */
    static long contextSwitches(long pid) {
        return sum(pid, ProcessTasks::contextSwitchesOf);
    }

    /** In the kernel and outside. As the scheduler has last counted it: exact of threads that sleep. */
    public static long cpuNanos(long pid) {
        return sum(pid, ProcessTasks::cpuNanosOf);
    }

    /** Memory in use that is the process's own. */
    public static long residentBytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
                    .filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
        } catch (IOException e) {
            return -1;
        }
    }

    private static long sum(long pid, ToLongFunction<Path> ofTask) {
        Path directory = Path.of("/proc", String.valueOf(pid), "task");
        if (!Files.isDirectory(directory)) {
            return -1;
        }
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(directory)) {
            for (Path task : tasks) {
                sum += ofTask.applyAsLong(task);
            }
        } catch (IOException e) {
            return -1;
        }
        return sum;
    }

    private static long contextSwitchesOf(Path task) {
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

    private static long cpuNanosOf(Path task) {
        try {
            String figures = Files.readString(task.resolve("schedstat"));
            return Long.parseLong(figures.substring(0, figures.indexOf(' ')));
        } catch (IOException e) {
            return 0; // ended meanwhile
        }
    }
}
