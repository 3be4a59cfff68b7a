/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** Looks at each byte once. */
final class DelimiterReader extends FrameReader {
    private static final byte CR = '\r';

    private final DelimiterFormat format;

    /** How much of the delimiter the last bytes are. */
    private int matched;

    /** The last byte may belong to the delimiter that follows. */
    private boolean isBehindCr;

    DelimiterReader(DelimiterFormat format, SendBufferPool pool, Consumer<ByteBuffer> onFrame) {
        super(format, pool, onFrame);
        this.format = format;
    }

    @Override
    void restart() {
        matched = 0;
        isBehindCr = false;
    }

    @Override
    int scan(ByteBuffer input, int from, int to) {
        int end = format.delimiterLength() == 1 ? indexBehindByte(input, from, to) : indexBehind(input, from, to);
        int last = end < 0 ? to - 1 : end - 2; // of what may be content
        if (format.mayFollowCr && last >= from) {
            isBehindCr = input.get(last) == CR;
        }
        if (!skips()) {
            int around = end < 0 ? matched + (isBehindCr ? 1 : 0) : bytesBehindContent();
            long content = (long) pendingBytes() + (end < 0 ? to : end) - from - around;
            if (content > format.maxLength) {
                tooLong("a frame of " + content + " bytes or more");
            }
        }
        return end;
    }

    private int indexBehindByte(ByteBuffer input, int from, int to) {
        byte delimiter = format.firstOfDelimiter();
        for (int i = from; i < to; i++) {
            if (input.get(i) == delimiter) {
                return i + 1;
            }
        }
        return -1;
    }

    private int indexBehind(ByteBuffer input, int from, int to) {
        int match = matched;
        for (int i = from; i < to; i++) {
            match = format.matchedAfter(match, input.get(i));
            if (match == format.delimiterLength()) {
                return i + 1;
            }
        }
        matched = match;
        return -1;
    }

    @Override
    int contentStart() {
        return 0;
    }

    @Override
    int bytesBehindContent() {
        return format.delimiterLength() + (isBehindCr ? 1 : 0);
    }

    @Override
    int endOfInput() {
        int content = pendingBytes() - (isBehindCr ? 1 : 0);
        if (content > format.maxLength) {
            tooLong("a frame of " + content + " bytes");
        }
        return isBehindCr ? 1 : 0;
    }

    @Override
    int mostAroundContent() {
        return format.delimiterLength() + 1;
    }

    @Override
    ByteOrder order() {
        return ByteOrder.BIG_ENDIAN;
    }
}
