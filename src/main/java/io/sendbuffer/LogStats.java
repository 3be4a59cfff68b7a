/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * A {@link BroadcastLog} at one moment.
 *
 * @param leastPosition the first position that is retained; the tail if none is
 * @param tailPosition the position that the next message will get
 * @param retainedBytes bytes of the retained messages
 * @param passedPosition every subscriber has received, or skipped, what lies before this position
 * @param skips how often a subscriber fell behind the retention and skipped, since the beginning
 * @param ends how many subscribers fell behind it and ended, since the beginning
 */
public record LogStats(
        long leastPosition, long tailPosition, long retainedBytes, long passedPosition, long skips, long ends) {
    /** How many messages are retained. */
    public long retainedMessages() {
        return tailPosition - leastPosition;
    }
}
