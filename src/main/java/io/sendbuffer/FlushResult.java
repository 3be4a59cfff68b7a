package io.sendbuffer;

/** What came of {@link SendQueue#flush}: an expected outcome, never an exception. */
public enum FlushResult {
    /** All that was queued before the call was written, and nobody drains now. */
    DRAINED,

    /**
     * The channel did not take everything. What remains keeps its place. Flush again when the channel can be written
     * to: with a selector, ask for {@link java.nio.channels.SelectionKey#OP_WRITE}.
     */
    BLOCKED,

    /**
     * The turn is over: as much was written as {@link SendQueue#flush(java.nio.channels.GatheringByteChannel, long)}
     * was allowed to, and more is left. Nobody drains now; flush again soon. A flush without such a limit never says
     * so.
     */
    MORE,

    /** Another thread is draining and takes along what was queued before this call. There is nothing to do. */
    BUSY,

    /**
     * The queue was closed, or its channel failed in this or an earlier flush: {@link SendQueue#failure()} tells. Every
     * reference was given back, or is when a write that another thread has begun returns. Close the channel.
     */
    CLOSED
}
