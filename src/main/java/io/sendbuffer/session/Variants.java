/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.internal.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Messages for receivers that do not all speak the same: each is added once, and encoded for a variant when the first
 * group has a member with it. So the cost of an encoding depends on how many variants are in use, and not on how many
 * receivers there are.
 *
 * <pre>{@code
 * private final Variants tick = new Variants(2, this::encode);  // one for each thread that sends
 *
 * try (tick) {                                                  // cleared at the end, and used again
 *     for (Event event : events) {
 *         try (SendBuffer message = event.encode(pool)) {
 *             tick.add(message);                                // takes a reference of its own
 *         }
 *     }
 *     players.broadcast(tick);                                  // a VariantGroup
 *     spectators.broadcast(tick);                               // another: shares what is encoded already
 * }
 * }</pre>
 *
 * <p>A key, a class or a time of a message hold for all its variants, unless the encoder gives one its own.
 *
 * <p>A {@linkplain io.sendbuffer.BroadcastLog log} is of one variant: append {@link #batch(int)} to the log of each.
 *
 * <p>Used by one thread at a time. Makes no garbage of its own once it has grown to the size that it needs.
 */
public final class Variants implements AutoCloseable {
    static final int MAX = 256;

    private final VariantEncoder encoder;
    private final List<SendBuffer> messages = new ArrayList<>();

    /** One for each variant; sealed if it was made. */
    private final SendBatch[] batches;

    /**
     * Creates an empty set of messages.
     *
     * @param count how many variants there are, 1 to 256
     */
    public Variants(int count, VariantEncoder encoder) {
        Checks.inRange("count", count, 1, MAX);
        this.encoder = Objects.requireNonNull(encoder, "encoder");
        this.batches = new SendBatch[count];
        for (int i = 0; i < count; i++) {
            batches[i] = new SendBatch();
        }
    }

    /**
     * Adds a message, with a reference of its own.
     *
     * @param message sealed; the caller keeps its reference
     * @throws IllegalStateException if the messages were encoded already, and not cleared since; or if the buffer is
     *     not sealed, or was released for the last time
     */
    public Variants add(SendBuffer message) {
        for (SendBatch batch : batches) {
            if (batch.isSealed()) {
                throw new IllegalStateException("the messages were sent; clear them before adding to them");
            }
        }
        if (!message.isSealed()) {
            throw new IllegalStateException("seal the buffer before adding it, and add it before releasing it");
        }
        messages.add(message);
        boolean retained = false;
        try {
            message.retain();
            retained = true;
        } finally {
            if (!retained) {
                messages.remove(messages.size() - 1);
            }
        }
        return this;
    }

    /** How many messages were added. */
    public int size() {
        return messages.size();
    }

    /** How many variants there are. */
    public int count() {
        return batches.length;
    }

    /**
     * The messages in one variant, sealed; encoded by the first call for it. Empty if the encoder leaves all out. Its
     * references are of this object: they end with {@link #clear()}.
     *
     * @param variant 0 to {@link #count()} - 1
     */
    public SendBatch batch(int variant) {
        Objects.checkIndex(variant, batches.length);
        SendBatch batch = batches[variant];
        if (!batch.isSealed()) {
            batch.clear(); // what an earlier try began
            for (int i = 0; i < messages.size(); i++) {
                SendBuffer encoded = encoder.encode(variant, messages.get(i));
                if (encoded != null) {
                    try (encoded) {
                        batch.add(withAttributes(encoded, messages.get(i)));
                    }
                }
            }
            batch.seal();
        }
        return batch;
    }

    /** A form that the encoder made is, to the queues, what its message is. */
    private static SendBuffer withAttributes(SendBuffer encoded, SendBuffer message) {
        boolean isOther = encoded != message && message.hasAttributes() && !encoded.hasAttributes();
        return isOther ? encoded.sameAttributesAs(message) : encoded;
    }

    /** Releases all that it holds; what was sent is alive until it is written. */
    public void clear() {
        for (SendBatch batch : batches) {
            batch.clear();
        }
        for (int i = messages.size() - 1; i >= 0; i--) {
            messages.remove(i).release();
        }
    }

    /** Clears it, for try-with-resources. It can be used again. */
    @Override
    public void close() {
        clear();
    }
}
