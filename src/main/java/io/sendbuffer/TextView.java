/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.agrona.LangUtil;

/** A {@link BytesView} with the text that Agrona reads out of a buffer. */
abstract class TextView extends BytesView {
    /** Bytes of the length in front of a text. */
    static final int HEADER = STR_HEADER_LEN;

    private static final int LAST_ASCII = 127;

    TextView(ByteBuffer memory, int offset, int capacity) {
        super(memory, offset, capacity);
    }

    // ---- text with its length in front

    @Override
    public final String getStringAscii(int index) {
        return getStringWithoutLengthAscii(index + HEADER, getInt(index));
    }

    @Override
    public final String getStringAscii(int index, ByteOrder order) {
        return getStringWithoutLengthAscii(index + HEADER, getInt(index, order));
    }

    @Override
    public final String getStringAscii(int index, int length) {
        return getStringWithoutLengthAscii(index + HEADER, length);
    }

    @Override
    public final int getStringAscii(int index, Appendable target) {
        return getStringWithoutLengthAscii(index + HEADER, getInt(index), target);
    }

    @Override
    public final int getStringAscii(int index, Appendable target, ByteOrder order) {
        return getStringWithoutLengthAscii(index + HEADER, getInt(index, order), target);
    }

    @Override
    public final int getStringAscii(int index, int length, Appendable target) {
        toRead(index, HEADER + length);
        return length <= 0 ? length : getStringWithoutLengthAscii(index + HEADER, length, target);
    }

    @Override
    public final String getStringUtf8(int index) {
        return getStringWithoutLengthUtf8(index + HEADER, getInt(index));
    }

    @Override
    public final String getStringUtf8(int index, ByteOrder order) {
        return getStringWithoutLengthUtf8(index + HEADER, getInt(index, order));
    }

    @Override
    public final String getStringUtf8(int index, int length) {
        return getStringWithoutLengthUtf8(index + HEADER, length);
    }

    // ---- text alone

    @Override
    public final String getStringWithoutLengthAscii(int index, int length) {
        return text(index, length, StandardCharsets.US_ASCII);
    }

    @Override
    public final String getStringWithoutLengthUtf8(int index, int length) {
        return text(index, length, StandardCharsets.UTF_8);
    }

    private String text(int index, int length, Charset charset) {
        toRead(index, length); // before anything is allocated: the length may come from a message
        byte[] bytes = new byte[length];
        getBytes(index, bytes);
        return new String(bytes, charset);
    }

    @Override
    public final int getStringWithoutLengthAscii(int index, int length, Appendable target) {
        toRead(index, length);
        try {
            for (int i = index; i < index + length; i++) {
                char read = (char) getByte(i);
                target.append(read > LAST_ASCII ? '?' : read);
            }
        } catch (IOException e) {
            LangUtil.rethrowUnchecked(e);
        }
        return length;
    }

    // ---- numbers as text

    @Override
    public final int parseNaturalIntAscii(int index, int length) {
        return AsciiNumbers.parseInt(this, index, length, false);
    }

    @Override
    public final int parseIntAscii(int index, int length) {
        return AsciiNumbers.parseInt(this, index, length, true);
    }

    @Override
    public final long parseNaturalLongAscii(int index, int length) {
        return AsciiNumbers.parseLong(this, index, length, false);
    }

    @Override
    public final long parseLongAscii(int index, int length) {
        return AsciiNumbers.parseLong(this, index, length, true);
    }
}
