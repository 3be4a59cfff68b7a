/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.util.Locale;

/**
 * Ends a queue, and with it a session, that was too far behind: it passed one of its {@link QueueLimits} under
 * {@link OverrunPolicy#end()}, or held messages of an exhausted pool and was farther behind than the others, see
 * {@link SendBufferPool.Builder#shedSlowConsumers}.
 */
public final class SlowConsumerException extends IOException {
    private static final long serialVersionUID = 1L;

    private SlowConsumerException(String message) {
        super(message);
    }

    SlowConsumerException(long bytesBehind) {
        this(String.format(
                Locale.ROOT,
                "ended as the slowest consumer: the pool is exhausted, and since the oldest message that waits here it"
                        + " has handed out %,d bytes of chunks",
                bytesBehind));
    }

    /** For a limit that was passed. */
    static SlowConsumerException passed(OfferResult limit, QueueLimits limits) {
        return new SlowConsumerException("ended as a slow consumer: " + textOf(limit, limits)
                + "; raise the limit, or choose another OverrunPolicy than end()");
    }

    private static String textOf(OfferResult limit, QueueLimits limits) {
        return switch (limit) {
            case REFUSED_BYTES ->
                String.format(Locale.ROOT, "more than %,d bytes would have waited", limits.maxQueuedBytes());
            case REFUSED_MESSAGES ->
                String.format(Locale.ROOT, "more than %,d messages would have waited", limits.maxQueuedMessages());
            case REFUSED_BUDGET -> "the pool has little memory left, and its share of that would have been passed";
            case REFUSED_SOFT_LIMIT ->
                String.format(Locale.ROOT, "more than %,d bytes have waited for ", limits.softLimit())
                        + limits.softTime();
            default -> "a message has waited for " + limits.maxAge();
        };
    }
}
