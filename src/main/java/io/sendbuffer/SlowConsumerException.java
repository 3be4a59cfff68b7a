/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Ends a queue, and with it a session, that was too far behind: it passed one of its {@link QueueLimits} under
 * {@link OverrunPolicy#end()}, or held messages of an exhausted pool and was farther behind than the others, see
 * {@link SendBufferPool.Builder#shedSlowConsumers}.
 */
public final class SlowConsumerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final @Nullable OfferResult limit;
    private final long bytesBehind;

    private SlowConsumerException(String message, @Nullable OfferResult limit, long bytesBehind) {
        super(message);
        this.limit = limit;
        this.bytesBehind = bytesBehind;
    }

    SlowConsumerException(long bytesBehind) {
        this(
                String.format(
                        Locale.ROOT,
                        "ended as the slowest consumer: the pool is exhausted, and since the oldest message that waits"
                                + " here it has handed out %,d bytes of chunks",
                        bytesBehind),
                null,
                bytesBehind);
    }

    /** For a limit that was passed. */
    static SlowConsumerException passed(OfferResult limit, QueueLimits limits) {
        String text = "ended as a slow consumer: " + textOf(limit, limits)
                + "; raise the limit, or choose another OverrunPolicy than end()";
        return new SlowConsumerException(text, limit, 0);
    }

    /** The limit that was passed, as an offer would have named it; null if an exhausted pool ended the queue. */
    public @Nullable OfferResult limit() {
        return limit;
    }

    /**
     * How far behind the queue was that an exhausted pool ended, as {@link QueueStats#bytesBehind()}; 0 if a limit was
     * passed.
     */
    public long bytesBehind() {
        return bytesBehind;
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
