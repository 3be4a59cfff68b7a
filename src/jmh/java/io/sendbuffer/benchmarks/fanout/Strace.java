/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** strace, attached to a process to count its system calls. */
final class Strace implements AutoCloseable {
    private static final int SECONDS = 20;

    private final Process process;
    private final Path summary;

    /** The system does not permit tracing. */
    static final class NotPermitted extends Exception {
        private static final long serialVersionUID = 1;

        NotPermitted(String message) {
            super(message);
        }
    }

    private Strace(Process process, Path summary) {
        this.process = process;
        this.summary = summary;
    }

    static boolean isInstalled() {
        try {
            Process process = new ProcessBuilder("strace", "-V")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Returns once it counts. */
    static Strace attach(long pid) throws IOException, NotPermitted {
        Path summary = Files.createTempFile("sendbuffer-benchmark", ".strace");
        Process process = new ProcessBuilder("strace", "-f", "-c", "-o", summary.toString(), "-p", String.valueOf(pid))
                .redirectErrorStream(true)
                .start();
        Strace strace = new Strace(process, summary);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        if (line == null || !line.contains("attached")) {
            strace.close();
            throw new NotPermitted(String.valueOf(line));
        }
        return strace;
    }

    /** Stops counting; returns how many calls there were. */
    long detach() throws IOException, InterruptedException {
        process.destroy(); // which it takes as a request to detach
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("strace does not end");
        }
        List<String> lines = Files.readAllLines(summary);
        for (String line : lines) {
            if (line.trim().endsWith("total")) {
                return Long.parseLong(line.trim().split(" +", -1)[3]);
            }
        }
        throw new IOException("strace gave no total: " + lines);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        Files.deleteIfExists(summary);
    }
}
