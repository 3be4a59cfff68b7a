/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Machine;
import io.sendbuffer.benchmarks.result.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Everything that was measured, one table for each job and metric: contenders as columns, parameters as rows. */
final class FigureTables {
    private static final String OURS = "sendbuffer";

    /** Metrics that the page's charts and the JSON include as well, and that add little beside the others. */
    private static final Set<String> LEFT_OUT = Set.of("processCpu", "throughput", "chunkBytes");

    private record Key(String suite, String job, String metric, String unit) {
        static Key of(Result result) {
            return new Key(result.suite(), result.job(), result.metric(), result.unit());
        }
    }

    private FigureTables() {}

    static String of(Machine machine, List<Result> results) {
        StringBuilder text = new StringBuilder("# All figures\n\n");
        text.append(MarkdownTable.header(machine));
        text.append("""
                 Medians of the turns. "ours ÷ best": beside the lowest of all others in the row, floor and
                plain copies included; the median of the ratios of each turn, with its quartiles.
                """);
        Map<Key, List<Result>> tables = new LinkedHashMap<>();
        results.stream()
                .filter(result -> !LEFT_OUT.contains(result.metric()))
                .forEach(result -> tables.computeIfAbsent(Key.of(result), key -> new ArrayList<>())
                        .add(result));
        tables.forEach((key, rows) -> table(text, key, rows));
        return text.toString();
    }

    private static void table(StringBuilder text, Key key, List<Result> results) {
        text.append(String.format("%n## %s, %s: %s, %s%n%n", key.suite, key.job, key.metric, key.unit));
        List<String> params = List.copyOf(results.get(0).params().keySet());
        Set<String> contenders = contenders(results);
        List<String> head = new ArrayList<>(params);
        head.addAll(contenders);
        head.add("ours ÷ best");
        List<String> alignment =
                new ArrayList<>(params.stream().map(name -> "---").toList());
        head.subList(params.size(), head.size()).forEach(name -> alignment.add("--:"));
        MarkdownTable.row(text, head);
        MarkdownTable.row(text, alignment);
        byParams(results).forEach((values, row) -> {
            List<String> cells = new ArrayList<>(values.values());
            contenders.forEach(name -> cells.add(cell(row, name)));
            cells.add(ratio(row));
            MarkdownTable.row(text, cells);
        });
    }

    private static Set<String> contenders(List<Result> results) {
        Set<String> contenders = new LinkedHashSet<>(List.of(OURS));
        results.stream().map(Result::contender).sorted().forEach(contenders::add);
        return contenders;
    }

    private static Map<Map<String, String>, List<Result>> byParams(List<Result> results) {
        Map<Map<String, String>, List<Result>> rows = new LinkedHashMap<>();
        results.forEach(result -> rows.computeIfAbsent(result.params(), params -> new ArrayList<>())
                .add(result));
        return rows;
    }

    private static String cell(List<Result> row, String contender) {
        return row.stream()
                .filter(result -> result.contender().equals(contender))
                .findFirst()
                .map(result -> MarkdownTable.number(result.median()))
                .orElse("–");
    }

    /** Compared with the best of the others, a floor included. Nothing is divided by a value close to zero. */
    private static String ratio(List<Result> row) {
        Comparator<Figure> byValue = Comparator.comparingDouble(Figure::value);
        return row.stream()
                .filter(result -> !result.contender().startsWith(OURS))
                .map(Figure::of)
                .min(byValue)
                .filter(best -> best.value() >= MarkdownTable.MIN_SHOWN)
                .flatMap(best -> row.stream()
                        .filter(result -> result.contender().equals(OURS))
                        .map(Figure::of)
                        .findFirst()
                        .map(ours -> ours.over(best)))
                .map(MarkdownTable::format)
                .orElse("–");
    }
}
