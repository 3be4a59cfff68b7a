/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.report.GoalLine.Outcome;
import io.sendbuffer.benchmarks.result.Result;
import java.util.List;
import java.util.Optional;

/**
 * One condition that the library is meant to meet.
 *
 * @param what the job, in words
 * @param ours how the library's figure is found
 * @param peer how the best peer's is found; shown even if the limit is not relative to it
 * @param floor how the least possible cost of the job is found; likewise
 * @param limit the condition
 */
record Goal(String what, Figure.Source ours, Figure.Source peer, Figure.Source floor, Limit limit) {

    GoalLine check(List<Result> results) {
        Optional<Figure> our = ours.in(results);
        Optional<Figure> best = peer.in(results);
        Optional<Figure> least = floor.in(results);
        Optional<Ratio> ratio = limit.ratio(our, best, least);
        Optional<Double> judged =
                limit.reference() == Limit.Reference.NONE ? our.map(Figure::value) : ratio.map(Ratio::value);
        return new GoalLine(
                what,
                our.orElse(null),
                best.orElse(null),
                least.orElse(null),
                ratio.orElse(null),
                limit.text(),
                judged.map(this::outcome).orElse(Outcome.NOT_MEASURED));
    }

    private Outcome outcome(double value) {
        return limit.isMetBy(value) ? Outcome.MET : Outcome.NOT_MET;
    }
}
