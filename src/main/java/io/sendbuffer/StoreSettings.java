/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * What a {@link ChunkStore} is made with.
 *
 * @param source where memory comes from
 * @param chunkSize bytes of a chunk
 * @param maxMemory the cap on chunks and their heap objects together
 * @param maxOwnChunks how many chunks threads may have as their own at a time
 * @param sharePerQueue of what is left, one queue may hold this part
 * @param idleFloor bytes of free chunks that are kept however long they are not needed
 * @param minLag how many bytes of chunks a queue has to be behind to be ended when there is no more room
 * @param jvm the JVM's own limit
 * @param discardedMemory where discarded memory is noted and found: the stores that share it have one source
 * @param clock measures back-offs
 * @param timer runs the looks at idle memory
 * @param errorHandler gets what has no other listener
 */
record StoreSettings(
        MemorySource source,
        int chunkSize,
        long maxMemory,
        int maxOwnChunks,
        long idleFloor,
        double sharePerQueue,
        long minLag,
        DirectMemory jvm,
        DiscardedMemory discardedMemory,
        NanoClock clock,
        IdleTimer timer,
        ErrorHandler errorHandler) {
    /**
     * For a store that lets each thread have a chunk, keeps what is idle, ends no queue, and knows no limit but its
     * cap.
     */
    static StoreSettings plain(MemorySource source, int chunkSize, long maxMemory, ErrorHandler errorHandler) {
        return new StoreSettings(
                source,
                chunkSize,
                maxMemory,
                Integer.MAX_VALUE,
                Long.MAX_VALUE,
                Double.POSITIVE_INFINITY,
                Long.MAX_VALUE,
                DirectMemory.UNKNOWN,
                new DiscardedMemory(),
                SystemNanoClock.INSTANCE,
                look -> {},
                errorHandler);
    }
}
