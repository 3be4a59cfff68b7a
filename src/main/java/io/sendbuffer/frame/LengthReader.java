/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** Reads the header byte by byte, so it may be cut anywhere, and then counts what follows. */
final class LengthReader extends FrameReader {
    private static final int BITS_OF_A_GROUP = 7;
    private static final int MAX_GROUPS = 10;

    private final LengthFormat format;

    /** Bytes of the header that have come. */
    private int headerLength;

    /** What has come of the length field: unsigned, so a negative number is a large one. */
    private long value;

    private boolean isHeaderWhole;

    /** How much of the content is still to come. */
    private long left;

    LengthReader(LengthFormat format, SendBufferPool pool, Consumer<ByteBuffer> onFrame) {
        super(format, pool, onFrame);
        this.format = format;
        restart();
    }

    @Override
    void restart() {
        headerLength = 0;
        value = 0;
        isHeaderWhole = format.width == LengthFormat.NO_FIELD;
        left = format.adjustment;
    }

    @Override
    int scan(ByteBuffer input, int from, int to) {
        int at = from;
        while (!isHeaderWhole) {
            if (at == to) {
                return -1;
            }
            addToHeader(input.get(at++));
        }
        if (left <= to - at) {
            return at + (int) left;
        }
        left -= to - at;
        return -1;
    }

    private void addToHeader(byte next) {
        int index = headerLength++ - format.offset;
        if (index < 0) {
            return;
        }
        if (format.width == LengthFormat.VARINT) {
            addGroup(index, next);
            return;
        }
        long bits = next & 0xFF;
        value = format.littleEndian ? value | (bits << (Byte.SIZE * index)) : (value << Byte.SIZE) | bits;
        if (index == format.width - 1) {
            headerIsWhole();
        }
    }

    private void addGroup(int index, byte next) {
        if (index == MAX_GROUPS - 1 && (next & 0xFE) != 0) {
            throw new FrameException(
                    FrameException.Reason.INVALID_LENGTH, "a length of more than 64 bits, or more than ten bytes");
        }
        value |= (next & 0x7FL) << (BITS_OF_A_GROUP * index);
        if (next >= 0) {
            headerIsWhole();
        }
    }

    private void headerIsWhole() {
        isHeaderWhole = true;
        // The longest content and the largest adjustment are far from the bounds of a long.
        boolean isHuge = value < 0 || value > Long.MAX_VALUE / 2;
        left = isHuge ? Long.MAX_VALUE : value + format.adjustment - (format.countsWholeFrame ? headerLength : 0);
        if (left < 0) {
            throw new FrameException(
                    FrameException.Reason.INVALID_LENGTH,
                    "a length of " + value + ", which is that of less than a header");
        }
        if (left > format.maxLength) {
            tooLong("a frame of " + (isHuge ? Long.toUnsignedString(value) : Long.toString(left)) + " bytes");
        }
    }

    @Override
    int contentStart() {
        return isHeaderWhole ? headerLength : NO_CONTENT;
    }

    @Override
    int bytesBehindContent() {
        return 0;
    }

    @Override
    int endOfInput() {
        throw new FrameException(
                FrameException.Reason.TRUNCATED, "the input ended behind " + pendingBytes() + " bytes of a frame");
    }

    @Override
    int mostAroundContent() {
        return format.offset + MAX_GROUPS;
    }

    @Override
    ByteOrder order() {
        return format.littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }
}
