/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Report;
import io.sendbuffer.benchmarks.result.Results;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A directory with the results, and the files generated from them for readers. */
public final class ReportFiles {
    private final Path results;
    private final Path page;
    private final Path table;
    private final Path figures;

    public ReportFiles(Path directory) {
        this.results = directory.resolve("results.json");
        this.page = directory.resolve("report.html");
        this.table = directory.resolve("report.md");
        this.figures = directory.resolve("figures.md");
    }

    /** Writes all of them. */
    void write(Report report) throws IOException {
        Files.createDirectories(results.toAbsolutePath().getParent());
        Results.write(results, report);
        makeFrom(report);
    }

    /** Generates the page and the table again, from the existing results. */
    public void makeAgain() throws IOException {
        if (!Files.isReadable(results)) {
            throw new IOException("there is no " + results);
        }
        makeFrom(Results.read(results));
    }

    private void makeFrom(Report report) throws IOException {
        List<GoalLine> lines = Goals.check(report.results());
        Files.writeString(table, MarkdownTable.of(report.machine(), lines));
        Files.writeString(figures, FigureTables.of(report.machine(), report.results()));
        Files.writeString(page, HtmlPage.of(report, lines));
    }

    /** Prints the table, and where the page is. */
    public void print(PrintStream out) throws IOException {
        out.println();
        out.print(Files.readString(table));
        out.println();
        out.println("the page: " + page + "; all figures as tables: " + figures);
    }
}
