/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Samples;
import java.util.List;

/**
 * The ratio of one figure to another.
 *
 * @param value the median of the turns
 * @param low the lower quartile of the turns, or the value if there were none
 * @param high the upper quartile
 */
record Ratio(double value, double low, double high) {
    static Ratio of(double value) {
        return new Ratio(value, value, value);
    }

    static Ratio ofTurns(List<Double> quotients) {
        return new Ratio(Samples.median(quotients), Samples.lowerQuartile(quotients), Samples.upperQuartile(quotients));
    }

    boolean hasSpread() {
        return high > low;
    }
}
