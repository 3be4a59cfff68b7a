/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.aeron;

import io.aeron.Publication;
import io.sendbuffer.SendBuffer;
import org.agrona.DirectBuffer;

/**
 * Offers messages to an Aeron publication.
 *
 * <p><b>Ownership.</b> Aeron copies a message into its own log before the offer returns, so nothing is retained: the
 * caller keeps its reference, and may release it right after the offer, whatever the result.
 *
 * <p><b>Threads.</b> Any, as for Aeron's {@link Publication}.
 */
public final class AeronPublisher {
    private final Publication publication;

    /** Offers to a publication, which the caller still has to close. */
    public AeronPublisher(Publication publication) {
        this.publication = publication;
    }

    /** The result of an offer. */
    public enum Offered {
        /** The whole message is in Aeron's log. */
        TAKEN,
        /** A subscriber lags: offer again later, or do without. */
        FULL,
        /** There is no subscriber at present. */
        NOT_CONNECTED,
        /** The publication is closed, or has reached its maximum position: it will take no more messages. */
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
        } while (result == Publication.ADMIN_ACTION); // Aeron has just rotated to its next term
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
