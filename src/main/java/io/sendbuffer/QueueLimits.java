/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import org.agrona.SystemUtil;

/**
 * How much a {@link SendQueue} may hold, and how much of it goes into one write. Immutable; share one among all queues.
 *
 * @param maxQueuedBytes hard limit on the bytes that wait or are being written, 1 or more. A message that would pass it
 *     is refused whole, so this is also the largest message that the queue ever takes: a larger one is
 *     {@link OfferResult#TOO_LARGE}
 * @param maxQueuedMessages hard limit on the messages that wait or are being written, 1 or more
 * @param maxBytesPerWrite most bytes handed to one write, 1 or more
 * @param maxEntriesPerWrite most separate pieces of memory handed to one gathering write, 1 to 1,024; neighboring
 *     messages are one piece
 */
public record QueueLimits(long maxQueuedBytes, int maxQueuedMessages, int maxBytesPerWrite, int maxEntriesPerWrite) {
    /** Linux takes 1,024 entries in one call, and so does the JDK's wrapper. */
    private static final int MAX_ENTRIES = 1024;

    /** Windows takes 16; more would be split. */
    private static final int WINDOWS_ENTRIES = 16;

    /** 4 MiB and 16,384 messages queued; 512 KiB and 64 entries (16 on Windows) per write. */
    public static final QueueLimits DEFAULT =
            new QueueLimits(4 << 20, 16_384, 512 << 10, SystemUtil.isWindows() ? WINDOWS_ENTRIES : 64);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if a limit is out of its range; the message names it and the range
     */
    public QueueLimits {
        Checks.inRange("maxQueuedBytes", maxQueuedBytes, 1, Long.MAX_VALUE);
        Checks.inRange("maxQueuedMessages", maxQueuedMessages, 1, 1 << 30);
        Checks.inRange("maxBytesPerWrite", maxBytesPerWrite, 1, Integer.MAX_VALUE);
        Checks.inRange("maxEntriesPerWrite", maxEntriesPerWrite, 1, MAX_ENTRIES);
    }

    /** These limits with another {@link #maxQueuedBytes}. */
    public QueueLimits withMaxQueuedBytes(long bytes) {
        return new QueueLimits(bytes, maxQueuedMessages, maxBytesPerWrite, maxEntriesPerWrite);
    }

    /** These limits with another {@link #maxQueuedMessages}. */
    public QueueLimits withMaxQueuedMessages(int messages) {
        return new QueueLimits(maxQueuedBytes, messages, maxBytesPerWrite, maxEntriesPerWrite);
    }

    /** These limits with another {@link #maxBytesPerWrite}. */
    public QueueLimits withMaxBytesPerWrite(int bytes) {
        return new QueueLimits(maxQueuedBytes, maxQueuedMessages, bytes, maxEntriesPerWrite);
    }

    /** These limits with another {@link #maxEntriesPerWrite}. */
    public QueueLimits withMaxEntriesPerWrite(int entries) {
        return new QueueLimits(maxQueuedBytes, maxQueuedMessages, maxBytesPerWrite, entries);
    }
}
