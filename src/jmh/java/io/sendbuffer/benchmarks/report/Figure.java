package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Samples;
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
 * @param samples what the value is the median of, turn by turn; empty if it was computed of others
 */
record Figure(String contender, double value, double spread, String unit, List<Double> samples) {

    /** How a number of the table is found in the results. */
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
     * How much this is of another figure: turn by turn if both were measured so, and then the median of that;
     * otherwise, or if there is nothing to divide by in one of the turns, of the two values.
     */
    Ratio over(Figure other) {
        boolean isOfTurns = !samples.isEmpty() && samples.size() == other.samples.size();
        return !isOfTurns || other.samples.contains(0.0)
                ? Ratio.of(value / other.value)
                : Ratio.ofTurns(Samples.quotients(samples, other.samples));
    }

    /** The lowest median among some contenders, all of which have to be there: the best of some may not be the best. */
    static Source lowest(Cell cell, String metric, List<String> contenders) {
        return results -> {
            List<Figure> figures = results.stream()
                    .filter(result -> cell.matches(result) && result.metric().equals(metric))
                    .filter(result -> contenders.contains(result.contender()))
                    .map(Figure::of)
                    .toList();
            boolean all = contenders.stream().allMatch(name -> figures.stream()
                    .anyMatch(figure -> figure.contender().equals(name)));
            return all ? figures.stream().min(Comparator.comparingDouble(Figure::value)) : Optional.empty();
        };
    }

    /**
     * The highest median, for each message and session, of those contenders whose names begin so, of all that a suite
     * measured.
     */
    static Source highest(String suite, String metric, String prefix) {
        return results -> results.stream()
                .filter(result -> result.suite().equals(suite)
                        && result.metric().equals(metric)
                        && result.contender().startsWith(prefix))
                .map(Figure::forEachMessage)
                .max(Comparator.comparingDouble(Figure::value));
    }

    /** Where a whole tick was measured, the part of it that is one message to one session. */
    private static Figure forEachMessage(Result result) {
        Figure figure = of(result);
        if (!result.unit().equals("B/op") || !result.params().containsKey("sessions")) {
            return figure;
        }
        double messages = Double.parseDouble(result.params().get("sessions"))
                * Double.parseDouble(result.params().getOrDefault("messages", "1"));
        return computed(figure.contender, figure.value / messages, figure.spread, figure.unit);
    }

    /** How many times as much the same contender has of the first as of the second. */
    static Source quotient(Source dividend, Source divisor) {
        return results -> dividend.in(results).flatMap(many -> divisor.in(results)
                .map(few -> computed(many.contender, many.value / few.value, many.spread + few.spread, "×")));
    }

    /** The first less the second. */
    static Source difference(Source minuend, Source subtrahend) {
        return results -> minuend.in(results).flatMap(all -> subtrahend
                .in(results)
                .map(part -> computed(all.contender, all.value - part.value, all.spread, all.unit)));
    }

    /** The same in another unit. */
    static Source scaled(Source source, double factor, String unit) {
        return results -> source.in(results)
                .map(figure -> computed(figure.contender, figure.value * factor, figure.spread, unit));
    }
}
