/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Texts as messages, for the tests of the queue. */
final class TextMessages {
    private TextMessages() {}

    static SendBuffer text(SendBufferPool pool, String text) {
        return pool.acquire(Math.max(1, 3 * text.length())).putUtf8(text).seal();
    }

    /** Side by side in memory. */
    static List<SendBuffer> neighbors(SendBufferPool pool, String... texts) {
        List<SendBuffer> messages = new ArrayList<>();
        for (String text : texts) {
            messages.add(text(pool, text));
        }
        return messages;
    }

    /** With a gap behind each: the next one is acquired before it is sealed. */
    static List<SendBuffer> separate(SendBufferPool pool, String... texts) {
        List<SendBuffer> messages = new ArrayList<>();
        for (String text : texts) {
            messages.add(pool.acquire(text.length() + 1).putAscii(text));
        }
        messages.forEach(SendBuffer::seal);
        return messages;
    }

    static void offerAll(SendQueue queue, List<SendBuffer> messages) {
        for (SendBuffer message : messages) {
            assertEquals(OfferResult.QUEUED, queue.offer(message));
        }
    }

    static void releaseAll(List<SendBuffer> messages) {
        messages.forEach(SendBuffer::release);
    }

    /** Only the test holds a reference. */
    static void assertOnlyOurs(List<SendBuffer> messages) {
        for (SendBuffer message : messages) {
            assertEquals(1, message.referenceCount(), message::toString);
        }
    }

    static String textOf(HostileChannel channel) {
        return new String(channel.bytes(), StandardCharsets.UTF_8);
    }
}
