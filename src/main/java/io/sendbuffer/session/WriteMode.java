package io.sendbuffer.session;

/** Which thread writes to a session's channel. */
public enum WriteMode {
    /**
     * The thread that sends, unless another one is writing to that channel already. Lowest latency for a message on its
     * own; the sender pays for the system call.
     */
    INLINE,

    /**
     * The loop's thread, for everything that was queued until it comes to it: smart batching. The sender pays for the
     * queue alone, and under load many messages leave in one write.
     */
    LOOP
}
