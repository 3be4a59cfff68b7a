/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.internal.Checks;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;

/** Frames with a length in front: see {@link FrameFormat#lengthField} and {@link FrameFormat#varint}. */
public final class LengthFormat extends FrameFormat {
    /** Instead of a width. */
    static final int VARINT = -1;

    /** There is no header: the adjustment is the length of each frame. */
    static final int NO_FIELD = 0;

    private static final int MAX_OFFSET = 255;
    private static final int MAX_ADJUSTMENT = 1 << 30;

    /** Bytes of the length field. */
    final int width;

    /** Bytes in front of it. */
    final int offset;

    final int adjustment;
    final boolean littleEndian;
    final boolean countsWholeFrame;

    private LengthFormat(
            int width,
            int offset,
            int adjustment,
            boolean littleEndian,
            boolean countsWholeFrame,
            int maxLength,
            boolean whole) {
        super(maxLength, whole);
        this.width = width;
        this.offset = offset;
        this.adjustment = adjustment;
        this.littleEndian = littleEndian;
        this.countsWholeFrame = countsWholeFrame;
    }

    static LengthFormat ofField(int width) {
        return new LengthFormat(width, 0, 0, false, false, DEFAULT_MAX_LENGTH, false);
    }

    static LengthFormat ofFixed(int bytes) {
        return new LengthFormat(NO_FIELD, 0, bytes, false, false, bytes, false);
    }

    /** The length field has its least significant byte first; the frame is handed over in that order too. */
    public LengthFormat littleEndian() {
        return new LengthFormat(width, offset, adjustment, true, countsWholeFrame, maxLength, whole);
    }

    /**
     * Other fields of the header come before the length field. They are not content: use {@link #whole} to see them.
     *
     * @param offset how many bytes they are, 0 to 255
     */
    public LengthFormat at(int offset) {
        Checks.inRange("offset", offset, 0, MAX_OFFSET);
        return new LengthFormat(width, offset, adjustment, littleEndian, countsWholeFrame, maxLength, whole);
    }

    /**
     * How much longer the content is than the length field says; what follows the field is content, all of it.
     *
     * @param bytes minus 1 GiB to 1 GiB
     */
    public LengthFormat adjustedBy(int bytes) {
        Checks.inRange("adjustment", bytes, -MAX_ADJUSTMENT, MAX_ADJUSTMENT);
        return new LengthFormat(width, offset, bytes, littleEndian, countsWholeFrame, maxLength, whole);
    }

    /** The length is that of the whole frame: it includes the field itself, and what comes before it. */
    public LengthFormat countsWholeFrame() {
        return new LengthFormat(width, offset, adjustment, littleEndian, true, maxLength, whole);
    }

    @Override
    public LengthFormat maxLength(int bytes) {
        int max = width == NO_FIELD ? Math.max(bytes, adjustment) : bytes;
        return new LengthFormat(width, offset, adjustment, littleEndian, countsWholeFrame, max, whole);
    }

    @Override
    public LengthFormat whole() {
        return new LengthFormat(width, offset, adjustment, littleEndian, countsWholeFrame, maxLength, true);
    }

    @Override
    public FrameReader reader(SendBufferPool pool, Consumer<ByteBuffer> onFrame) {
        return new LengthReader(this, Objects.requireNonNull(pool, "pool"), Objects.requireNonNull(onFrame, "onFrame"));
    }
}
