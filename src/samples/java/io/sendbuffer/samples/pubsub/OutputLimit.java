/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.QueueLimits;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How much may wait for a client of one class, as in {@code client-output-buffer-limit}: it is closed at once beyond
 * the hard limit, and when it has been beyond the soft one for some seconds; 0 is no limit.
 */
record OutputLimit(long hardBytes, long softBytes, int softSeconds) {
    /** What the protocol's own server has for clients that subscribe. */
    static final OutputLimit PUBSUB = new OutputLimit(32 << 20, 8 << 20, 60);

    static final OutputLimit NORMAL = new OutputLimit(0, 0, 0);

    private static final int MAX_MESSAGES = 1 << 30;
    private static final int MAX_SECONDS = 86_400;
    private static final long NO_LIMIT = 1L << 50;

    /** The limits of a session's queue; messages alone are no reason to close a client. */
    QueueLimits toQueueLimits() {
        QueueLimits limits = QueueLimits.DEFAULT
                .withMaxQueuedBytes(hardBytes == 0 ? NO_LIMIT : hardBytes)
                .withMaxQueuedMessages(MAX_MESSAGES);
        boolean hasSoft = softBytes > 0 && softSeconds > 0 && softBytes <= limits.maxQueuedBytes();
        return hasSoft ? limits.withSoftLimit(softBytes, Duration.ofSeconds(softSeconds)) : limits;
    }

    /** Parses the three words behind a class; null if they are wrong. */
    static @Nullable OutputLimit parse(List<String> words) {
        long hard = bytes(words.get(0));
        long soft = bytes(words.get(1));
        try {
            int seconds = Integer.parseInt(words.get(2));
            boolean isRight = hard >= 0 && soft >= 0 && seconds >= 0 && seconds <= MAX_SECONDS;
            return isRight ? new OutputLimit(hard, soft, seconds) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** A number with a unit, {@code 32mb} for instance; -1 if it is none. */
    private static long bytes(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String digits = lower.replaceAll("[a-z]+$", "");
        long unit = switch (lower.substring(digits.length())) {
            case "", "b" -> 1;
            case "k" -> 1_000;
            case "kb" -> 1L << 10;
            case "m" -> 1_000_000;
            case "mb" -> 1L << 20;
            case "g" -> 1_000_000_000;
            case "gb" -> 1L << 30;
            default -> -1;
        };
        try {
            long number = Long.parseLong(digits);
            return unit < 0 || number < 0 || number > NO_LIMIT / unit ? -1 : number * unit;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** As the configuration shows it. */
    @Override
    public String toString() {
        return hardBytes + " " + softBytes + " " + softSeconds;
    }
}
