package io.sendbuffer.samples.aeron;

import io.aeron.Publication;
import io.sendbuffer.SendBuffer;
import org.agrona.DirectBuffer;

/**
 * Offers messages to an Aeron publication.
 *
 * <p><b>Ownership.</b> Aeron copies a message into its own log before the offer returns, so nothing is retained: the
 * caller keeps its reference, and may release it right after, whatever the result.
 *
 * <p><b>Threads.</b> Any, as for Aeron's {@link Publication}.
 */
public final class AeronPublisher {
    private final Publication publication;

    /** Offers to a publication, which stays the caller's to close. */
    public AeronPublisher(Publication publication) {
        this.publication = publication;
    }

    /** What came of an offer. */
    public enum Offered {
        /** It is in Aeron's log, whole. */
        TAKEN,
        /** A subscriber lags: offer again later, or do without. */
        FULL,
        /** There is no subscriber now. */
        NOT_CONNECTED,
        /** The publication is closed, or has had as many bytes as one can have: nothing will ever be taken. */
        ENDED
    }

    /**
     * Offers a message, without waiting.
     *
     * @param message a sealed buffer that the caller holds a reference to, and keeps
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     * @throws IllegalArgumentException if it is longer than {@link Publication#maxMessageLength()}
     * @throws UnsupportedOperationException if the JVM lacks the flag that Agrona's buffers need
     */
    public Offered offer(SendBuffer message) {
        DirectBuffer bytes = message.asDirectBuffer(); // valid for as long as we hold the message
        long result;
        do {
            result = publication.offer(bytes, 0, bytes.capacity());
        } while (result == Publication.ADMIN_ACTION); // Aeron has just turned to its next term
        if (result == Publication.BACK_PRESSURED) {
            return Offered.FULL;
        }
        if (result == Publication.NOT_CONNECTED) {
            return Offered.NOT_CONNECTED;
        }
        if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED) {
            return Offered.ENDED;
        }
        return Offered.TAKEN; // the result is the position in the stream after it
    }
}
