/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Looks at each message of a client: inflated, it is the next one of the {@link Payloads}. */
final class MessageCheck implements FrameCounter.Messages {
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    /** Never reset: what a server's deflater refers to may be of an earlier message. */
    private final Inflater inflater = new Inflater(true);

    private final byte[] received = new byte[2 * Payloads.MAX_BYTES];
    private final byte[] inflated = new byte[2 * Payloads.MAX_BYTES];
    private int length;
    private long count;

    @Override
    public void bytes(ByteBuffer source, int from, int count) {
        source.get(from, received, length, count);
        length += count;
    }

    @Override
    public void end(boolean deflated) {
        int size = deflated ? inflate() : length;
        byte[] text = deflated ? inflated : received;
        byte[] expected = Payloads.of(size).utf8(count++);
        if (!Arrays.equals(text, 0, size, expected, 0, size)) {
            throw new IllegalStateException("message " + (count - 1) + " is not the one that was sent: "
                    + new String(text, 0, size, StandardCharsets.UTF_8));
        }
        length = 0;
    }

    private int inflate() {
        System.arraycopy(TAIL, 0, received, length, TAIL.length);
        inflater.setInput(received, 0, length + TAIL.length);
        try {
            int size = inflater.inflate(inflated);
            if (inflater.finished()) {
                inflater.reset();
            }
            return size;
        } catch (DataFormatException e) {
            throw new IllegalStateException("message " + count + " does not inflate", e);
        }
    }
}
