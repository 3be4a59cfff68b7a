/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** Releases what an application can spare, when its pool is exhausted: see {@link SendBufferPool.Builder#reclaim}. */
@FunctionalInterface
public interface Reclaimer {
    /**
     * Releases buffers, clears a cache of messages, sheds load. Called by the thread whose acquire found no room, under
     * no lock of this library, but under those that the caller holds; must not block, since that thread may be a
     * loop's. May call anything: an acquire within it that finds no room is refused, or ends slow receivers, without
     * another call. One thread at a time is in it; others that find no room meanwhile go on without it. What it throws
     * goes to the pool's error handler, and counts as false.
     *
     * @param capacity how many bytes the acquire asked for
     * @return true if anything was released, so that the acquire is tried again; after false, the next 5 milliseconds
     *     bring no call
     */
    boolean reclaim(int capacity);
}
