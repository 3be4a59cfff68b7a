/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * Makes the snapshot that a subscriber of a {@link BroadcastLog} begins with.
 *
 * <p>A publisher that changes its state and appends the change under one lock makes a snapshot under that lock too: the
 * state contains what lies before {@link BroadcastLog#tailPosition()}, and the subscriber gets the rest as messages. So
 * it misses nothing and gets nothing twice.
 */
@FunctionalInterface
public interface SnapshotSource {
    /**
     * Makes a snapshot. Called on the thread that subscribes, under no lock of this library; called again, up to eight
     * times in all, if the log has given up the snapshot's position meanwhile. It may call anything.
     *
     * @param least the first position that the snapshot may have: the tail when the subscriber joined
     * @return a snapshot whose position is between {@code least} and the tail
     */
    LogSnapshot snapshotFrom(long least);
}
