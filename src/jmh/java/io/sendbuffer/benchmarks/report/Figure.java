package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.Result;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One number of the table of goals.
 *
 * @param contender whose it is
 * @param value a median, or what was computed of medians
 * @param spread of the samples, as a part of the value; 0 if unknown
 * @param unit of the value
 */
record Figure(String contender, double value, double spread, String unit) {

    /** How a number of the table is found in the results. */
    interface Source {
        /** Empty if it was not measured. */
        Optional<Figure> in(List<Result> results);
    }

    /** No such number, where a goal has none. */
    static final Source NONE = results -> Optional.empty();

    static Figure of(Result result) {
        double spread = result.median() == 0 ? 0 : result.spread();
        return new Figure(result.contender(), result.median(), spread, result.unit());
    }

    /** The lowest median among some contenders, of those that were measured. */
    static Source lowest(Cell cell, String metric, List<String> contenders) {
        return results -> results.stream()
                .filter(result -> cell.matches(result) && result.metric().equals(metric))
                .filter(result -> contenders.contains(result.contender()))
                .map(Figure::of)
                .min(Comparator.comparingDouble(Figure::value));
    }

    /** The highest median of one contender, of all that several suites measured. */
    static Source highest(List<String> suites, String metric, String contender) {
        return results -> results.stream()
                .filter(result ->
                        suites.contains(result.suite()) && result.metric().equals(metric))
                .filter(result -> result.contender().equals(contender))
                .map(Figure::of)
                .max(Comparator.comparingDouble(Figure::value));
    }

    /** How many times as much the same contender has of the first as of the second. */
    static Source quotient(Source dividend, Source divisor) {
        return results -> dividend.in(results).flatMap(many -> divisor.in(results)
                .map(few -> new Figure(many.contender, many.value / few.value, many.spread + few.spread, "×")));
    }

    /** The first less the second. */
    static Source difference(Source minuend, Source subtrahend) {
        return results -> minuend.in(results).flatMap(all -> subtrahend
                .in(results)
                .map(part -> new Figure(all.contender, all.value - part.value, all.spread, all.unit)));
    }

    /** The same in another unit. */
    static Source scaled(Source source, double factor, String unit) {
        return results -> source.in(results)
                .map(figure -> new Figure(figure.contender, figure.value * factor, figure.spread, unit));
    }
}
