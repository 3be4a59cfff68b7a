/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;

/** Plain messages for tests of one session: a number, then bytes derived from it. */
public final class NumberedMessages {
    private NumberedMessages() {}

    /** A sealed message of this many bytes, at least four. */
    public static SendBuffer sealed(SendBufferPool pool, int number, int length) {
        SendBuffer message = pool.acquire(length).putInt(number);
        while (message.remaining() > 0) {
            message.putByte((byte) (number + message.length()));
        }
        return message.seal();
    }

    /** Reads one message and checks every byte of it. */
    public static void requireMessage(ByteBuffer bytes, int number, int length) {
        assertEquals(number, bytes.getInt(), "message number");
        for (int i = Integer.BYTES; i < length; i++) {
            assertEquals((byte) (number + i), bytes.get(), "byte " + i + " of message " + number);
        }
    }

    /** Reads messages 0, 1, ... of one length and checks that nothing follows. */
    public static void requireMessages(byte[] bytes, int count, int length) {
        ByteBuffer all = ByteBuffer.wrap(bytes);
        for (int number = 0; number < count; number++) {
            requireMessage(all, number, length);
        }
        assertEquals(0, all.remaining(), "bytes after the last message");
    }
}
