/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.result;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of results: a JSON object with the machine and an array of results. */
public final class Results {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private Results() {}

    public static void write(Path file, Report report) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file)) {
            GSON.toJson(report, writer);
        }
    }

    /** Writes the results of a suite that was run on its own, in any way. */
    public static void write(Path file, List<Result> results) throws IOException {
        write(file, new Report(Machine.ofRun("by hand", Instant.now(), Duration.ZERO), results));
    }

    /**
     * Reads one.
     *
     * @throws IOException if the file cannot be read, or is not a file of results; the message names it
     */
    public static Report read(Path file) throws IOException {
        @Nullable Report report;
        try (Reader reader = Files.newBufferedReader(file)) {
            report = GSON.fromJson(reader, Report.class);
        } catch (RuntimeException e) {
            throw new IOException(file + " is no file of results", e);
        }
        if (report == null) {
            throw new IOException(file + " is empty");
        }
        return report;
    }
}
