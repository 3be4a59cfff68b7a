package io.sendbuffer;

/** What offer did with a message: an expected outcome, never an exception. */
public enum OfferResult {
    /** The queue holds a reference of its own and will write the message, in order, or release it if the queue ends. */
    QUEUED,

    /**
     * The message would have passed the hard limit on queued bytes or queued messages. Nothing was queued, nothing was
     * retained. The receiver is slow: drop the message, drop the receiver, or offer again later.
     */
    REFUSED,

    /** The queue was closed, or its channel failed. Nothing was queued, nothing was retained; it will never be again. */
    CLOSED
}
