/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;

/** Frames with a delimiter behind them. */
final class DelimiterFormat extends FrameFormat {
    private final byte[] delimiter;

    /** A CR in front of the delimiter belongs to it. */
    final boolean mayFollowCr;

    /**
     * How much of the delimiter is matched still, where the next byte does not match behind so much of it (D. E. Knuth,
     * J. H. Morris and V. R. Pratt, "Fast Pattern Matching in Strings", 1977): so no byte is looked at twice, and a
     * delimiter may be cut anywhere.
     */
    private final int[] shorter;

    DelimiterFormat(byte[] delimiter, boolean mayFollowCr, int maxLength, boolean whole) {
        super(maxLength, whole);
        this.delimiter = delimiter;
        this.mayFollowCr = mayFollowCr;
        this.shorter = new int[delimiter.length];
        for (int i = 1; i < delimiter.length; i++) {
            shorter[i] = matchedAfter(shorter[i - 1], delimiter[i]);
        }
    }

    /** How much of the delimiter is matched behind this byte. */
    int matchedAfter(int matched, byte next) {
        int match = matched;
        while (match > 0 && next != delimiter[match]) {
            match = shorter[match - 1];
        }
        return next == delimiter[match] ? match + 1 : 0;
    }

    int delimiterLength() {
        return delimiter.length;
    }

    byte firstOfDelimiter() {
        return delimiter[0];
    }

    @Override
    public FrameFormat maxLength(int bytes) {
        return new DelimiterFormat(delimiter, mayFollowCr, bytes, whole);
    }

    @Override
    public FrameFormat whole() {
        return new DelimiterFormat(delimiter, mayFollowCr, maxLength, true);
    }

    @Override
    public FrameReader reader(SendBufferPool pool, Consumer<ByteBuffer> onFrame) {
        return new DelimiterReader(
                this, Objects.requireNonNull(pool, "pool"), Objects.requireNonNull(onFrame, "onFrame"));
    }
}
