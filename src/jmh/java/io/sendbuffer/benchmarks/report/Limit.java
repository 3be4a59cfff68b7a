/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import java.util.Optional;

/**
 * A limit that a figure must not exceed.
 *
 * @param reference what the figure is divided by
 * @param bound the maximum of the quotient
 * @param strict whether it has to be below that
 * @param text its text in the table
 */
record Limit(Reference reference, double bound, boolean strict, String text) {

    enum Reference {
        PEER,
        FLOOR,
        /** A bound of the figure itself. */
        NONE
    }

    static Limit ofPeer(String bound, String peer) {
        return new Limit(Reference.PEER, Double.parseDouble(bound), false, "≤ " + bound + " × " + peer);
    }

    static Limit belowPeer(String bound, String peer) {
        return new Limit(Reference.PEER, Double.parseDouble(bound), true, "< " + bound + " × " + peer);
    }

    static Limit ofFloor(String bound) {
        return new Limit(Reference.FLOOR, Double.parseDouble(bound), false, "≤ " + bound + " × floor");
    }

    static Limit ofValue(double bound, String text) {
        return new Limit(Reference.NONE, bound, false, text);
    }

    /** No bytes: the JVM's own threads allocate a little, which JMH cannot distinguish. */
    static Limit noGarbage() {
        return new Limit(Reference.NONE, 0.05, true, "0 B");
    }

    /** The quotient that the bound is for; empty if one of the two was not measured. */
    Optional<Ratio> ratio(Optional<Figure> ours, Optional<Figure> peer, Optional<Figure> floor) {
        Optional<Figure> other = reference == Reference.PEER ? peer : floor;
        return reference == Reference.NONE ? Optional.empty() : ours.flatMap(figure -> other.map(figure::over));
    }

    boolean isMetBy(double value) {
        return strict ? value < bound : value <= bound;
    }
}
