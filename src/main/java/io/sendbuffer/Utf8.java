/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;

/** UTF-8 and ASCII straight into a {@link ByteBuffer}: the JDK's encoders need an array or an object in between. */
final class Utf8 {
    private static final byte REPLACEMENT = '?';

    private static final long NOT_ASCII = -1;

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

    /** Writes the chars before the first one that is not ASCII, and returns how many. Eight at once, while it can. */
    private static int putLeadingAscii(CharSequence text, int chars, ByteBuffer memory, int index) {
        int i = 0;
        if (text instanceof String string) { // a loop of its own, so that other kinds of text do not slow it down
            for (; i + Long.BYTES <= chars; i += Long.BYTES) {
                long eight = eightOf(string, i);
                if (eight == NOT_ASCII) {
                    break;
                }
                memory.putLong(index + i, eight);
            }
        }
        char c;
        for (; i < chars && (c = text.charAt(i)) < 0x80; i++) {
            memory.put(index + i, (byte) c);
        }
        return i;
    }

    /** Eight chars of a text as bytes, the first one on top; {@link #NOT_ASCII} if they are not all ASCII. */
    private static long eightOf(String text, int i) {
        int c0 = text.charAt(i);
        int c1 = text.charAt(i + 1);
        int c2 = text.charAt(i + 2);
        int c3 = text.charAt(i + 3);
        int c4 = text.charAt(i + 4);
        int c5 = text.charAt(i + 5);
        int c6 = text.charAt(i + 6);
        int c7 = text.charAt(i + 7);
        if ((c0 | c1 | c2 | c3 | c4 | c5 | c6 | c7) >= 0x80) {
            return NOT_ASCII;
        }
        int upper = c0 << 24 | c1 << 16 | c2 << 8 | c3;
        int lower = c4 << 24 | c5 << 16 | c6 << 8 | c7;
        return (long) upper << 32 | lower;
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
