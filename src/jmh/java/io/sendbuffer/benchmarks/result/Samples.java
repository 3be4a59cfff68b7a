/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.result;

import java.util.ArrayList;
import java.util.List;

/** Statistics of a list of samples. */
public final class Samples {
    private static final double LOWER_QUARTER = 0.25;
    private static final double UPPER_QUARTER = 0.75;

    private Samples() {}

    public static double median(List<Double> samples) {
        return quantile(samples, 0.5);
    }

    /** The lower quartile. */
    public static double lowerQuartile(List<Double> samples) {
        return quantile(samples, LOWER_QUARTER);
    }

    /** The upper quartile. */
    public static double upperQuartile(List<Double> samples) {
        return quantile(samples, UPPER_QUARTER);
    }

    /** Interpolates between two samples. */
    private static double quantile(List<Double> samples, double part) {
        List<Double> sorted = samples.stream().sorted().toList();
        double at = part * (sorted.size() - 1);
        int below = (int) at;
        if (at == below) {
            return sorted.get(below);
        }
        int above = below + 1;
        return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
    }

    /**
     * Divides samples that were measured one after the other: whatever slowed the machine down in a turn slowed both,
     * and does not show in their quotient.
     *
     * @return the quotient of each turn
     * @throws IllegalArgumentException if they are not of the same turns
     */
    public static List<Double> quotients(List<Double> dividends, List<Double> divisors) {
        if (dividends.size() != divisors.size()) {
            throw new IllegalArgumentException(
                    dividends.size() + " samples cannot be divided by " + divisors.size() + ", turn by turn");
        }
        List<Double> quotients = new ArrayList<>();
        for (int i = 0; i < dividends.size(); i++) {
            quotients.add(dividends.get(i) / divisors.get(i));
        }
        return quotients;
    }
}
