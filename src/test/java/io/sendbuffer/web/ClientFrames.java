/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;

/** Writes what a client sends, right or wrong. */
final class ClientFrames {
    static final int FINAL = 0x80;
    static final int RSV1 = 0x40;
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int KEY = 0x37FA213D;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    ClientFrames text(String text) {
        return frame(FINAL | TEXT, utf8(text));
    }

    ClientFrames close(int code, String reason) {
        byte[] text = utf8(reason);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> Byte.SIZE);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return frame(FINAL | CLOSE, payload);
    }

    /** A frame with its length in as few bytes as it needs, and a mask. */
    ClientFrames frame(int first, byte[] payload) {
        return frame(first, payload, KEY);
    }

    ClientFrames frame(int first, byte[] payload, int key) {
        int length = payload.length;
        return header(first, length < 126 ? 0 : length <= 0xFFFF ? 2 : 8, length, key)
                .masked(payload, key);
    }

    /** A header alone. */
    ClientFrames header(int first, int lengthBytes, long length, int key) {
        raw(first, 0x80 | (int) (lengthBytes == 0 ? length : lengthBytes == 2 ? 126 : 127));
        for (int i = lengthBytes - 1; i >= 0; i--) {
            raw((int) (length >>> (Byte.SIZE * i)));
        }
        return raw(key >>> 24, key >>> 16, key >>> 8, key);
    }

    ClientFrames masked(byte[] payload, int key) {
        for (int i = 0; i < payload.length; i++) {
            raw(payload[i] ^ (key >>> (24 - 8 * (i & 3))));
        }
        return this;
    }

    ClientFrames raw(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(int... values) {
        byte[] result = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (byte) values[i];
        }
        return result;
    }

    /** As permessage-deflate has it. */
    static byte[] deflated(byte[] payload) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(payload);
        byte[] output = new byte[payload.length + 64];
        int length = deflater.deflate(output, 0, output.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return java.util.Arrays.copyOf(output, length - 4);
    }
}
