/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

/**
 * The shape of a tick.
 *
 * @param sessions how many sessions get it
 * @param bytes of a message, 8 or more: the first 8 are the tick's stamp
 * @param messages in a tick
 */
public record Shape(int sessions, int bytes, int messages) {
    /** What follows the stamp in a message: each byte tells its place. */
    public byte[] body() {
        byte[] body = new byte[bytes - Long.BYTES];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (i * 31 + i / 256);
        }
        return body;
    }

    /** For one session. */
    public int tickBytes() {
        return bytes * messages;
    }

    public long totalTickBytes() {
        return (long) tickBytes() * sessions;
    }
}
