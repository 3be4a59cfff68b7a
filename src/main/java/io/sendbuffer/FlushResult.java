/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** The result of {@link SendQueue#flush}: an expected outcome, never an exception. */
public enum FlushResult {
    /** All that was queued before the call was written, and no thread drains now. */
    DRAINED,

    /**
     * The channel did not take everything. What remains keeps its place. Flush again when the channel can be written
     * to: with a selector, ask for {@link java.nio.channels.SelectionKey#OP_WRITE}.
     */
    BLOCKED,

    /**
     * The turn is over: as much was written as {@link SendQueue#flush(java.nio.channels.GatheringByteChannel, long)}
     * was allowed to, and more is left. No thread drains now; flush again soon. A flush without such a limit never
     * returns this.
     */
    MORE,

    /** Another thread is draining and also writes what was queued before this call. There is nothing to do. */
    BUSY,

    /**
     * The queue was closed, or its channel failed in this or an earlier flush: see {@link SendQueue#failure()}. Every
     * reference was released, or will be when a write that another thread has begun returns. Close the channel.
     */
    CLOSED
}
