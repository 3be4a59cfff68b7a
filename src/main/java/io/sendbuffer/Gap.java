/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.Serializable;

/**
 * What a receiver missed, in one run: messages of a {@link BroadcastLog} that fell out of its retention, or messages
 * that its queue lost, before they were written to that receiver.
 *
 * @param messages how many messages were missed, in all, those that a batch has merged too
 * @param bytes how many bytes they had
 * @param firstPosition the position of the first one in its log; {@link #NO_POSITION} in a queue
 * @param lastPosition the position of the last one likewise
 * @param conflated how many of the messages a newer one of the same key replaced, see {@link Conflation}
 * @param expired how many of them had waited for too long, see {@link SendBuffer#expireAfter}. What is neither was
 *     dropped to make room
 */
public record Gap(long messages, long bytes, long firstPosition, long lastPosition, long conflated, long expired)
        implements Serializable {
    /** What a message of a queue has for a position. */
    public static final long NO_POSITION = -1;

    static Gap ofLog(long firstPosition, long lastPosition, long bytes) {
        return new Gap(lastPosition - firstPosition + 1, bytes, firstPosition, lastPosition, 0, 0);
    }

    static Gap ofQueue(long messages, long bytes, long conflated, long expired) {
        return new Gap(messages, bytes, NO_POSITION, NO_POSITION, conflated, expired);
    }
}
