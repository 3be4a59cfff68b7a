/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.QueueLimits;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How much may wait for a client of one class, as in {@code client-output-buffer-limit}: it is closed at once beyond
 * the hard limit, and when it has been beyond the soft one for some seconds; 0 is no limit.
 *
 * @param hardBytes unsigned
 * @param softBytes unsigned
 */
record OutputLimit(long hardBytes, long softBytes, int softSeconds) {
    private static final int MAX_MESSAGES = 1 << 30;
    private static final int MAX_SECONDS = 86_400;
    private static final long NO_LIMIT = 1L << 50;
    private static final int MAX_DIGITS = 127;
    private static final BigInteger MAX_BYTES = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final Pattern NO_DIGITS = Pattern.compile("^[0-9]*");
    private static final Pattern SECONDS = Pattern.compile("\\s*[+-]?[0-9]+");

    /** The limits of a session's queue; messages alone are no reason to close a client. */
    QueueLimits toQueueLimits() {
        QueueLimits limits = QueueLimits.DEFAULT
                .withMaxQueuedBytes(isUnlimited(hardBytes) ? NO_LIMIT : hardBytes)
                .withMaxQueuedMessages(MAX_MESSAGES);
        boolean hasSoft = !isUnlimited(softBytes) && softBytes <= limits.maxQueuedBytes();
        // A client may pass the soft limit for a moment with 0 seconds too: the protocol's own server looks each
        // second.
        int seconds = Math.max(1, Math.min(softSeconds, MAX_SECONDS));
        return hasSoft ? limits.withSoftLimit(softBytes, Duration.ofSeconds(seconds)) : limits;
    }

    private static boolean isUnlimited(long bytes) {
        return bytes <= 0 || bytes > NO_LIMIT;
    }

    /** Parses the three words behind a class; null if they are wrong. */
    static @Nullable OutputLimit parse(List<String> words) {
        BigInteger hard = bytes(words.get(0));
        BigInteger soft = bytes(words.get(1));
        int seconds = seconds(words.get(2));
        return hard == null || soft == null || seconds < 0
                ? null
                : new OutputLimit(hard.longValue(), soft.longValue(), seconds);
    }

    /** A number with a unit, {@code 32mb} for instance, modulo 2<sup>64</sup>; no digits are 0. */
    private static @Nullable BigInteger bytes(String text) {
        String unit = NO_DIGITS.matcher(text).replaceFirst("");
        String digits = text.substring(0, text.length() - unit.length());
        long factor = switch (unit.toLowerCase(Locale.ROOT)) {
            case "", "b" -> 1;
            case "k" -> 1_000;
            case "kb" -> 1L << 10;
            case "m" -> 1_000_000;
            case "mb" -> 1L << 20;
            case "g" -> 1_000_000_000;
            case "gb" -> 1L << 30;
            default -> -1;
        };
        if (factor < 0 || digits.length() > MAX_DIGITS) {
            return null;
        }
        return new BigInteger("0" + digits).min(MAX_BYTES).multiply(BigInteger.valueOf(factor));
    }

    /** The lower 32 bits of a number; no digits are 0; -1 if it is none, or negative. */
    private static int seconds(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        if (!SECONDS.matcher(text).matches()) {
            return -1;
        }
        BigInteger number = new BigInteger(text.strip());
        BigInteger most = BigInteger.valueOf(Long.MAX_VALUE);
        return Math.max(-1, number.min(most).max(most.negate()).intValue());
    }

    /** As the configuration shows it. */
    @Override
    public String toString() {
        return Long.toUnsignedString(hardBytes) + " " + Long.toUnsignedString(softBytes) + " " + softSeconds;
    }
}
