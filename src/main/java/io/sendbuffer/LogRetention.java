/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import java.time.Duration;
import java.util.Objects;

/**
 * How much of a {@link BroadcastLog} is kept. All three bounds hold at once: what is beyond any of them is not kept.
 *
 * @param maxBytes bytes of messages, 0 or more
 * @param maxMessages messages, 0 to 16,777,216
 * @param maxAge how long ago a message was appended, 0 to 365 days
 */
public record LogRetention(long maxBytes, int maxMessages, Duration maxAge) {
    static final int MAX_MESSAGES = 1 << 24;
    static final Duration MAX_AGE = Duration.ofDays(365);

    /** Keeps nothing. */
    public static final LogRetention NOTHING = new LogRetention(0, 0, Duration.ZERO);

    /** 8 MiB and 16,384 messages of any age. */
    public static final LogRetention DEFAULT = new LogRetention(8 << 20, 16_384, MAX_AGE);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if a bound is out of its range; the message names it and the range
     */
    public LogRetention {
        Checks.inRange("maxBytes", maxBytes, 0, Long.MAX_VALUE);
        Checks.inRange("maxMessages", maxMessages, 0, MAX_MESSAGES);
        Objects.requireNonNull(maxAge, "maxAge");
        if (maxAge.isNegative() || maxAge.compareTo(MAX_AGE) > 0) {
            throw new IllegalArgumentException("maxAge must be between 0 and 365 days, was " + maxAge);
        }
    }

    /** This retention with another {@link #maxBytes}. */
    public LogRetention withMaxBytes(long bytes) {
        return new LogRetention(bytes, maxMessages, maxAge);
    }

    /** This retention with another {@link #maxMessages}. */
    public LogRetention withMaxMessages(int messages) {
        return new LogRetention(maxBytes, messages, maxAge);
    }

    /** This retention with another {@link #maxAge}. */
    public LogRetention withMaxAge(Duration age) {
        return new LogRetention(maxBytes, maxMessages, age);
    }
}
