/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.tls;

import io.sendbuffer.benchmarks.net.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What a client receives: ticks of the same shape, one after the other, each message with its tick's stamp. */
final class StreamCheck {
    private static final int MAX_BYTES = 64 << 10;
    private static final byte[] BODY = new Shape(1, MAX_BYTES, 1).body();

    private int place;
    private int message;
    private long stamp;
    private long tick = -1;

    /**
     * Checks the next bytes of the stream.
     *
     * @param bytes on the heap; all of them are taken
     * @param length of a message
     * @param messages in a tick; another shape begins with a tick
     * @throws IllegalStateException if a byte is not what it has to be
     */
    void accept(ByteBuffer bytes, int length, int messages) {
        while (bytes.hasRemaining()) {
            if (place < Long.BYTES) {
                stamp = (stamp << Byte.SIZE) | (bytes.get() & 0xff);
                place++;
            } else {
                int count = Math.min(length - place, bytes.remaining());
                requireBody(bytes, count);
                place += count;
            }
            if (place == length) {
                requireStamp();
                place = 0;
                message = (message + 1) % messages;
            }
        }
    }

    private void requireBody(ByteBuffer bytes, int count) {
        int from = bytes.arrayOffset() + bytes.position();
        int at = place - Long.BYTES;
        if (!Arrays.equals(bytes.array(), from, from + count, BODY, at, at + count)) {
            throw new IllegalStateException("a wrong byte in message " + message + " of tick " + stamp);
        }
        bytes.position(bytes.position() + count);
    }

    /** A run begins with tick 0. */
    private void requireStamp() {
        boolean isNext = message == 0 ? stamp == tick + 1 || stamp == 0 : stamp == tick;
        if (!isNext) {
            throw new IllegalStateException("message " + message + " is of tick " + stamp + ", after " + tick);
        }
        tick = stamp;
    }
}
