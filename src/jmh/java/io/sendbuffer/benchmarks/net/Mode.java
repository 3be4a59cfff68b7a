/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.Locale;

/** Which thread writes. */
public enum Mode {
    /** The one that publishes. */
    INLINE,

    /** The event loop, for a publisher that is another thread. */
    LOOP;

    /** In lower case, as in results and on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Mode parse(String text) {
        for (Mode mode : values()) {
            if (mode.toString().equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("a mode is inline or loop, not " + text);
    }
}
