/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.nio.ByteBuffer;

/** Says whether bytes are UTF-8, as they come: a character may be cut anywhere. */
final class Utf8Validator {
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final int LEAST = 0x80;
    private static final int MOST = 0xBF;

    /** How many bytes the character still needs. */
    private int needed;

    /** The bounds of its next byte, which exclude surrogates, overlong forms, and what is beyond the last character. */
    private int least = LEAST;

    private int most = MOST;

    void reset() {
        needed = 0;
        least = LEAST;
        most = MOST;
    }

    /** True if no character is cut. */
    boolean isComplete() {
        return needed == 0;
    }

    /** Takes the next bytes. False if they cannot be a part of any text. */
    boolean accepts(ByteBuffer bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (needed == 0) {
                while (i <= to - Long.BYTES && (bytes.getLong(i) & HIGH_BITS) == 0) {
                    i += Long.BYTES;
                }
                if (i == to) {
                    return true;
                }
            }
            if (!accepts(bytes.get(i++) & 0xFF)) {
                return false;
            }
        }
        return true;
    }

    private boolean accepts(int next) {
        if (needed > 0) {
            boolean fits = next >= least && next <= most;
            needed--;
            least = LEAST;
            most = MOST;
            return fits;
        }
        if (next < 0x80) {
            return true;
        }
        if (next < 0xC2 || next > 0xF4) {
            return false;
        }
        needed = next < 0xE0 ? 1 : next < 0xF0 ? 2 : 3;
        switch (next) {
            case 0xE0 -> least = 0xA0;
            case 0xED -> most = 0x9F;
            case 0xF0 -> least = 0x90;
            case 0xF4 -> most = 0x8F;
            default -> {}
        }
        return true;
    }
}
