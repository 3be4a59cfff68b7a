/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Machine;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table of goals, to be read in a terminal and pasted into a README. */
final class MarkdownTable {
    private static final List<String> HEAD = List.of("what", "ours", "best peer", "floor", "ratio", "goal", "met");
    private static final List<String> ALIGNMENT = List.of("---", "--:", "--:", "--:", "--:", "---", "---");

    /** Smaller values are shown as nothing. */
    static final double MIN_SHOWN = 0.005;

    private MarkdownTable() {}

    static String of(Machine machine, List<GoalLine> lines) {
        StringBuilder text = new StringBuilder(header(machine)).append("\n\n");
        row(text, HEAD);
        row(text, ALIGNMENT);
        lines.forEach(line -> row(text, cells(line)));
        return text.toString();
    }

    static String header(Machine machine) {
        String versions = machine.versions().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%s, set \"%s\", %,d s; %s; %s; %d × %s; %s.",
                machine.date(),
                machine.set(),
                machine.seconds(),
                machine.jdk(),
                machine.os(),
                machine.cores(),
                machine.cpu(),
                versions);
    }

    private static List<String> cells(GoalLine line) {
        Figure peer = line.peer();
        return List.of(
                line.what(),
                format(line.ours()),
                peer == null ? "–" : format(peer) + " (" + peer.contender() + ")",
                format(line.floor()),
                format(line.ratio()),
                line.goal(),
                line.outcome().toString());
    }

    private static String format(@Nullable Figure figure) {
        return figure == null ? "–" : number(figure.value()) + unit(figure.unit()) + spread(figure.spread());
    }

    static String format(@Nullable Ratio ratio) {
        if (ratio == null) {
            return "–";
        }
        return ratio.hasSpread()
                ? String.format(Locale.ROOT, "%.3f (%.2f–%.2f)", ratio.value(), ratio.low(), ratio.high())
                : String.format(Locale.ROOT, "%.3f", ratio.value());
    }

    private static String spread(double part) {
        return part < MIN_SHOWN ? "" : String.format(Locale.ROOT, " ± %.0f%%", part * 100);
    }

    /** Three digits match the precision of such measurements. */
    static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 99.95 ? "%,.0f" : size >= 9.995 ? "%.1f" : "%.2f", value);
    }

    /** Without what the line already says. */
    private static String unit(String unit) {
        String first = unit.contains("/") ? unit.substring(0, unit.indexOf('/')) : unit;
        return first.equals("×") || first.equals("ratio") ? " ×" : " " + first;
    }

    static void row(StringBuilder text, List<String> cells) {
        text.append("| ");
        text.append(cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ")));
        text.append(" |\n");
    }
}
