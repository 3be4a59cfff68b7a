package io.sendbuffer;

/** Is told when a message has done its work; see {@link SendBuffer#onRelease}. */
@FunctionalInterface
public interface ReleaseListener {
    /**
     * The last reference of the message was released and its memory is back. Called once for each message, on the
     * thread that released it last, which may be a sender, a loop, or whoever closed a session; under no lock of this
     * library. Be short. What it throws goes to the pool's error handler.
     *
     * @param unwritten how many queues had accepted the message and ended before it was written to the end; 0: it was
     *     written to every receiver that accepted it. Who refused it is no secret: the send said so. Of a message that
     *     a {@link SendBatch} merged with its neighbors: before the last of these was written to the end
     */
    void onReleased(int unwritten);
}
