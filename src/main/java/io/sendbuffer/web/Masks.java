/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.nio.ByteBuffer;

/** Removes the mask of a client's frame, in place. */
final class Masks {
    private Masks() {}

    /**
     * Removes the mask from some bytes of a big-endian buffer.
     *
     * @param key its highest byte is that of the first of these bytes
     * @return the key for the byte behind them
     */
    static int remove(ByteBuffer bytes, int from, int to, int key) {
        long wide = ((long) key << Integer.SIZE) | (key & 0xFFFF_FFFFL);
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            bytes.putLong(i, bytes.getLong(i) ^ wide);
        }
        int turned = key;
        for (; i < to; i++) {
            bytes.put(i, (byte) (bytes.get(i) ^ (turned >>> (Integer.SIZE - Byte.SIZE))));
            turned = Integer.rotateLeft(turned, Byte.SIZE);
        }
        return turned;
    }
}
