/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * A pool's memory at one moment. Exact when no other thread acquires or releases meanwhile; otherwise each figure is
 * true for some moment during the call.
 *
 * <p>After a close, a buffer whose acquire ran at the very moment of the close is valid but not counted.
 *
 * <p>{@code reservedBytes = pinnedBytes + idleBytes}, {@code inUseBytes <= pinnedBytes}, and {@code reservedBytes +
 * heapBytes <= maxMemory}. A large gap between the bytes in use and the pinned ones means that a few long-lived buffers
 * keep whole chunks.
 *
 * @param maxMemory the cap, in bytes
 * @param reservedBytes off-heap bytes of all chunks that the pool holds, used or idle
 * @param inUseBytes bytes of the buffers that were acquired and not released for the last time
 * @param pinnedBytes bytes of the chunks that at least one such buffer keeps
 * @param idleBytes bytes of the chunks with no such buffer
 * @param outstandingBuffers how many buffers were acquired and not released for the last time; each run of neighbors
 *     that a {@link SendBatch} has merged counts as one more, until it is written
 * @param refusedAcquires how many acquires were refused since the pool was built
 * @param heapBytes about how many bytes of heap the objects take that name the slices of these chunks, beyond a few for
 *     each chunk, and those of constants; they count for the cap
 * @param constantBytes of the pinned bytes, those of {@linkplain SendBufferPool#constant(byte[]) constants}
 * @param budgetUsedBytes with a {@link SendBufferPool.Builder#queueShare}, what counts as used of the cap, chunks of
 *     which little is in use only as far as they are; 0 without one
 * @param queueShareBytes how much one queue may hold at this moment, a part of the rest, or 64 KiB if that is more;
 *     {@code Long.MAX_VALUE} without a budget
 */
public record PoolStats(
        long maxMemory,
        long reservedBytes,
        long inUseBytes,
        long pinnedBytes,
        long idleBytes,
        long outstandingBuffers,
        long refusedAcquires,
        long heapBytes,
        long constantBytes,
        long budgetUsedBytes,
        long queueShareBytes) {
    /** Of a pool without a budget. */
    PoolStats(
            long maxMemory,
            long reservedBytes,
            long inUseBytes,
            long pinnedBytes,
            long idleBytes,
            long outstandingBuffers,
            long refusedAcquires,
            long heapBytes,
            long constantBytes) {
        this(
                maxMemory,
                reservedBytes,
                inUseBytes,
                pinnedBytes,
                idleBytes,
                outstandingBuffers,
                refusedAcquires,
                heapBytes,
                constantBytes,
                0,
                Long.MAX_VALUE);
    }
}
