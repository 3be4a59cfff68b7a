/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SendBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a message for the receivers that need it in another form: compressed, or in an older version of a protocol.
 * Called by {@link Variants}, when the first group has a member that needs the variant; the result is shared by all.
 */
@FunctionalInterface
public interface VariantEncoder {
    /**
     * Encodes one message. On the thread that sends, under no lock. What it throws is thrown to the sender, and no
     * member with this variant gets anything.
     *
     * @param variant the number of a variant, 0 or more
     * @param message sealed; its reference is the caller's
     * @return the encoded message, sealed, with a reference that the caller releases: {@code message.retain()} where it
     *     needs no other form; null to leave it out for this variant. One that it makes gets the key, the class and the
     *     time of the message, if it has none: then it has to be new, and no other reference to it may be held
     */
    @Nullable
    SendBuffer encode(int variant, SendBuffer message);
}
