/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How much is measured, and how thoroughly. */
public enum SetOfRuns {
    /** What the table of goals needs, several times. */
    SHORT,
    /** A good part of all parameters, once: for an overview. */
    MEDIUM,
    /** All parameters, several times. */
    FULL;

    /** The set of that name on the command line; empty if there is none. */
    public static Optional<SetOfRuns> named(String name) {
        return Arrays.stream(values())
                .filter(set -> set.toString().equals(name))
                .findFirst();
    }

    /** Chooses one of three values. */
    <T> T choose(T forShort, T forMedium, T forFull) {
        return switch (this) {
            case SHORT -> forShort;
            case MEDIUM -> forMedium;
            case FULL -> forFull;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
