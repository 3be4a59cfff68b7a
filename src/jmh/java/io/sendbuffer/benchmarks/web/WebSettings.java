/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Options;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What to measure, and for how long.
 *
 * @param cells those of the same clients and encoding one after the other: they share processes
 * @param slices in how many turns each contender is measured
 * @param sliceMillis how long a turn takes
 * @param warmupMillis warm-up of each process for each cell, at least
 */
record WebSettings(List<WebCell> cells, List<String> contenders, int slices, int sliceMillis, int warmupMillis) {
    static final Set<String> OPTIONS = new LinkedHashSet<>(List.of(
            "--clients",
            "--bytes",
            "--messages",
            "--window",
            "--encodings",
            "--slices",
            "--seconds",
            "--warmup-ms",
            "--contenders",
            "--out"));
    static final Set<String> SWITCHES = Set.of("--quick");

    private static final int TICK = 32;

    static WebSettings parse(Options options) throws Options.Wrong {
        boolean quick = options.has("--quick");
        List<String> contenders = options.list("--contenders", WebContenders.ALL);
        requireAmong("--contenders", WebContenders.ALL, contenders);
        int slices = options.number("--slices", quick ? 1 : 10, 1, 1000);
        int millis = 1000 * options.number("--seconds", 1, 1, 3600);
        return new WebSettings(
                cells(options, quick),
                contenders,
                slices,
                quick && !options.has("--seconds") ? 100 : Math.max(1, millis / slices),
                options.number("--warmup-ms", quick ? 100 : 1500, 1, 600_000));
    }

    private static List<WebCell> cells(Options options, boolean quick) throws Options.Wrong {
        List<String> encodings = options.list("--encodings", List.of(WebCell.PLAIN, WebCell.DEFLATED));
        requireAmong("--encodings", List.of(WebCell.PLAIN, WebCell.DEFLATED), encodings);
        List<Integer> sizes = options.numbers(
                "--bytes", quick ? List.of(1024) : List.of(64, 1024), Payloads.MIN_BYTES, Payloads.MAX_BYTES);
        List<Integer> ticks = options.numbers("--messages", List.of(1, TICK), 1, 1024);
        int window = options.number("--window", 1, 1, 1 << 16);
        List<WebCell> cells = new ArrayList<>();
        for (int clients : options.numbers("--clients", quick ? List.of(100) : List.of(100, 1000), 1, 12_000)) {
            for (String encoding : encodings) {
                for (int bytes : sizes) {
                    for (int messages : ticks) {
                        cells.add(new WebCell(clients, encoding.equals(WebCell.DEFLATED), bytes, messages, window));
                    }
                }
            }
        }
        return cells;
    }

    private static void requireAmong(String option, List<String> known, List<String> given) throws Options.Wrong {
        for (String name : given) {
            if (!known.contains(name)) {
                throw new Options.Wrong(option + ": no " + name + "; there are " + String.join(",", known));
            }
        }
    }
}
