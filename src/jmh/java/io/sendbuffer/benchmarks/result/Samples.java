package io.sendbuffer.benchmarks.result;

import java.util.ArrayList;
import java.util.List;

/** What can be said of a list of samples. */
public final class Samples {
    private static final double LOWER_QUARTER = 0.25;
    private static final double UPPER_QUARTER = 0.75;

    private Samples() {}

    public static double median(List<Double> samples) {
        return quantile(samples, 0.5);
    }

    /** A quarter of the samples is lower. */
    public static double lowerQuartile(List<Double> samples) {
        return quantile(samples, LOWER_QUARTER);
    }

    /** A quarter of the samples is higher. */
    public static double upperQuartile(List<Double> samples) {
        return quantile(samples, UPPER_QUARTER);
    }

    /** Between two samples, in proportion. */
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
     * Divides what was measured one after the other: what slowed the machine down in one turn slowed both, and is not
     * seen in their quotient.
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
