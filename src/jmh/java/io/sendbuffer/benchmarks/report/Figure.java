/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Samples;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One number of the table of goals.
 *
 * @param contender the contender that was measured
 * @param value a median, or a value computed from medians
 * @param spread of the samples, as a fraction of the value; 0 if unknown
 * @param unit of the value
 * @param samples the samples of which the value is the median, turn by turn; empty if it was computed from other
 *     figures
 */
record Figure(String contender, double value, double spread, String unit, List<Double> samples) {

    /** Finds a number of the table in the results. */
    interface Source {
        /** Empty if it was not measured. */
        Optional<Figure> in(List<Result> results);
    }

    /** No such number, where a goal has none. */
    static final Source NONE = results -> Optional.empty();

    static Figure of(Result result) {
        double spread = result.median() == 0 ? 0 : result.spread();
        return new Figure(result.contender(), result.median(), spread, result.unit(), result.samples());
    }

    private static Figure computed(String contender, double value, double spread, String unit) {
        return new Figure(contender, value, spread, unit, List.of());
    }

    /**
     * The ratio of this to another figure: turn by turn if both were measured in turns, and then the median of that;
     * otherwise, or if one of the turns has a divisor of zero, the ratio of the two values.
     */
    Ratio over(Figure other) {
        boolean isOfTurns = !samples.isEmpty() && samples.size() == other.samples.size();
        return !isOfTurns || other.samples.contains(0.0)
                ? Ratio.of(value / other.value)
                : Ratio.ofTurns(Samples.quotients(samples, other.samples));
    }

    /**
     * The lowest median among some contenders, all of which must have results: the best of some may not be the best of
     * all.
     */
    static Source lowest(Cell cell, String metric, List<String> contenders) {
        return results -> {
            List<Figure> figures = results.stream()
                    .filter(result -> cell.matches(result) && result.metric().equals(metric))
                    .filter(result -> contenders.contains(result.contender()))
                    .map(Figure::of)
                    .toList();
            boolean all = contenders.stream()
                    .allMatch(name -> figures.stream()
                            .anyMatch(figure -> figure.contender().equals(name)));
            return all ? figures.stream().min(Comparator.comparingDouble(Figure::value)) : Optional.empty();
        };
    }

    /**
     * The highest median per message and session that a suite measured, of the contenders whose names have this prefix.
     */
    static Source highest(String suite, String metric, String prefix) {
        return results -> results.stream()
                .filter(result -> result.suite().equals(suite)
                        && result.metric().equals(metric)
                        && result.contender().startsWith(prefix))
                .map(Figure::forEachMessage)
                .max(Comparator.comparingDouble(Figure::value));
    }

    /** If a whole tick was measured, the part of one message to one session. */
    private static Figure forEachMessage(Result result) {
        Figure figure = of(result);
        if (!result.unit().equals("B/op") || !result.params().containsKey("sessions")) {
            return figure;
        }
        double messages = Double.parseDouble(result.params().get("sessions"))
                * Double.parseDouble(result.params().getOrDefault("messages", "1"));
        return computed(figure.contender, figure.value / messages, figure.spread, figure.unit);
    }

    /** The quotient of the first and the second figure of the same contender. */
    static Source quotient(Source dividend, Source divisor) {
        return results -> dividend.in(results)
                .flatMap(many -> divisor.in(results)
                        .map(few -> computed(many.contender, many.value / few.value, many.spread + few.spread, "×")));
    }

    /** The first minus the second. */
    static Source difference(Source minuend, Source subtrahend) {
        return results -> minuend.in(results)
                .flatMap(all -> subtrahend
                        .in(results)
                        .map(part -> computed(all.contender, all.value - part.value, all.spread, all.unit)));
    }

    /** The same in another unit. */
    static Source scaled(Source source, double factor, String unit) {
        return results -> source.in(results)
                .map(figure -> computed(figure.contender, figure.value * factor, figure.spread, unit));
    }
}
