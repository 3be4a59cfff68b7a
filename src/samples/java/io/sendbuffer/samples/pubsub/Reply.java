/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes what the server says, as the protocol has it. Each is null if the pool is exhausted. */
final class Reply {
    private static final int MAX_HEADER = 16;

    private final SendBufferPool pool;

    Reply(SendBufferPool pool) {
        this.pool = pool;
    }

    /** Lines that are whole: {@code +OK}, {@code -ERR ...}, {@code :1}. A character is a byte. */
    @Nullable
    SendBuffer lines(CharSequence text) {
        SendBuffer reply = pool.tryAcquire(text.length());
        return reply == null
                ? null
                : reply.putBytes(text.toString().getBytes(StandardCharsets.ISO_8859_1))
                        .seal();
    }

    /** An array of bulk strings. */
    @Nullable
    SendBuffer bulks(byte[]... words) {
        SendBuffer reply = pool.tryAcquire(sizeOf(words));
        return reply == null ? null : putArray(reply, words.length, words).seal();
    }

    /** One bulk string. */
    @Nullable
    SendBuffer bulk(byte[] word) {
        SendBuffer reply = pool.tryAcquire(sizeOf(word));
        return reply == null ? null : putBulk(reply, word).seal();
    }

    /** A confirmation: what was done, with which channel, and how many there are now. */
    @Nullable
    SendBuffer confirmation(String what, byte @Nullable [] channel, int count) {
        byte[] kind = what.getBytes(StandardCharsets.US_ASCII);
        byte[] name = channel == null ? new byte[0] : channel;
        SendBuffer reply = pool.tryAcquire(sizeOf(kind, name) + 2 * MAX_HEADER);
        if (reply == null) {
            return null;
        }
        putArray(reply, 3, kind);
        if (channel == null) {
            reply.putAscii("$-1\r\n");
        } else {
            putBulk(reply, channel);
        }
        return reply.putByte(':').putIntAscii(count).putAscii("\r\n").seal();
    }

    private static int sizeOf(byte[]... words) {
        int size = MAX_HEADER;
        for (byte[] word : words) {
            size += MAX_HEADER + word.length;
        }
        return size;
    }

    private static SendBuffer putArray(SendBuffer reply, int count, byte[]... words) {
        reply.putByte('*').putIntAscii(count).putAscii("\r\n");
        for (byte[] word : words) {
            putBulk(reply, word);
        }
        return reply;
    }

    private static SendBuffer putBulk(SendBuffer reply, byte[] word) {
        reply.putByte('$').putIntAscii(word.length).putAscii("\r\n");
        return reply.putBytes(word).putAscii("\r\n");
    }
}
