/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;

/** UTF-8 and ASCII straight into a {@link ByteBuffer}: the JDK's encoders need an array or an object in between. */
final class Utf8 {
    private static final byte REPLACEMENT = '?';

    private Utf8() {}

    /** The most bytes that one {@code char} takes. */
    static final int MAX_BYTES_PER_CHAR = 3;

    private static final int MAX_BYTES_PER_CODE_POINT = 4;

    /** How many bytes {@link #put} writes. */
    static long encodedLength(CharSequence text, int chars) {
        long bytes = chars;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c >= 0x800) {
                if (isPairAt(text, i, chars, c)) {
                    bytes += 2; // 4 bytes for 2 chars
                    i++;
                } else if (!Character.isSurrogate(c)) {
                    bytes += 2;
                }
            } else if (c >= 0x80) {
                bytes++;
            }
        }
        return bytes;
    }

    /**
     * Encodes; half of a surrogate pair becomes {@code '?'}, as in {@link String#getBytes}.
     *
     * @param end where the room ends, which was measured before: text that grows meanwhile must not reach the neighbor
     * @return how many bytes were written
     */
    static int put(CharSequence text, int chars, ByteBuffer memory, int index, int end) {
        int ascii = putLeadingAscii(text, Math.min(chars, end - index), memory, index);
        int at = index + ascii;
        for (int i = ascii; i < chars; i++) {
            char c = text.charAt(i);
            if (end - at < MAX_BYTES_PER_CODE_POINT && end - at < lengthOf(text, i, chars, c)) {
                throw new IllegalStateException(
                        "the text changed while it was being written; pass text that does not change");
            }
            if (c < 0x80) {
                memory.put(at++, (byte) c);
            } else if (c < 0x800) {
                memory.put(at++, (byte) (0xC0 | (c >> 6)));
                memory.put(at++, continuation(c));
            } else if (isPairAt(text, i, chars, c)) {
                int codePoint = Character.toCodePoint(c, text.charAt(++i));
                memory.put(at++, (byte) (0xF0 | (codePoint >> 18)));
                memory.put(at++, continuation(codePoint >> 12));
                memory.put(at++, continuation(codePoint >> 6));
                memory.put(at++, continuation(codePoint));
            } else if (Character.isSurrogate(c)) {
                memory.put(at++, REPLACEMENT);
            } else {
                memory.put(at++, (byte) (0xE0 | (c >> 12)));
                memory.put(at++, continuation(c >> 6));
                memory.put(at++, continuation(c));
            }
        }
        return at - index;
    }

    /** Writes the chars before the first one that is not ASCII, and returns how many. */
    private static int putLeadingAscii(CharSequence text, int chars, ByteBuffer memory, int index) {
        if (chars >= AsciiBlocks.MIN_CHARS && text instanceof String string) {
            return AsciiBlocks.put(string, chars, memory, index);
        }
        int i = 0;
        char c;
        for (; i < chars && (c = text.charAt(i)) < 0x80; i++) {
            memory.put(index + i, (byte) c);
        }
        return i;
    }

    /** One byte for each char; what is not ASCII becomes {@code '?'}. */
    static void putAscii(CharSequence text, int chars, ByteBuffer memory, int index) {
        for (int i = putLeadingAscii(text, chars, memory, index); i < chars; i++) {
            char c = text.charAt(i);
            memory.put(index + i, c < 0x80 ? (byte) c : REPLACEMENT);
        }
    }

    private static int lengthOf(CharSequence text, int i, int chars, char c) {
        if (c < 0x80) {
            return 1;
        }
        if (c < 0x800) {
            return 2;
        }
        if (isPairAt(text, i, chars, c)) {
            return MAX_BYTES_PER_CODE_POINT;
        }
        return Character.isSurrogate(c) ? 1 : 3;
    }

    private static byte continuation(int bits) {
        return (byte) (0x80 | (bits & 0x3F));
    }

    private static boolean isPairAt(CharSequence text, int i, int chars, char c) {
        return Character.isHighSurrogate(c) && i + 1 < chars && Character.isLowSurrogate(text.charAt(i + 1));
    }
}
