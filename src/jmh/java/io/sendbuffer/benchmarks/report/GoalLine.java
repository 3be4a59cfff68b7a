/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import org.jspecify.annotations.Nullable;

/**
 * A line of the table of goals: what a set of results says about one goal. A value is null if it was not measured, or
 * if the goal has none.
 *
 * @param what the job that the goal is for
 * @param ours the library's figure
 * @param peer the best peer's
 * @param floor the least possible cost of the job
 * @param ratio ours divided by what the goal compares with
 * @param goal the limit, in words
 * @param outcome whether the limit was kept
 */
record GoalLine(
        String what,
        @Nullable Figure ours,
        @Nullable Figure peer,
        @Nullable Figure floor,
        @Nullable Ratio ratio,
        String goal,
        Outcome outcome) {

    enum Outcome {
        MET("met"),
        NOT_MET("not met"),
        NOT_MEASURED("not measured");

        private final String text;

        Outcome(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
