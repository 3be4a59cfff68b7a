/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.Serializable;

/**
 * What a subscriber missed: messages of a {@link BroadcastLog} that fell out of its retention before they were written
 * to that subscriber.
 *
 * @param firstPosition the first position missed
 * @param lastPosition the last one
 * @param bytes how many bytes the messages had
 */
public record LogGap(long firstPosition, long lastPosition, long bytes) implements Serializable {
    /** How many messages were missed. */
    public long messages() {
        return lastPosition - firstPosition + 1;
    }
}
