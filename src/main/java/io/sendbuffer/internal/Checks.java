/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.internal;

import java.util.Locale;

/** Settings are checked once, with a message that names the value and its range. */
public final class Checks {
    private Checks() {}

    /** Throws an {@link IllegalArgumentException} if a value is out of its range, both ends of which are allowed. */
    public static void inRange(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s must be between %,d and %,d, was %,d", name, min, max, value));
        }
    }
}
