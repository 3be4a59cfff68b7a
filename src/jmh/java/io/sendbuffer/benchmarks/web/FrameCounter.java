/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Counts the whole messages of a server in the bytes that come from it, however these are cut. */
final class FrameCounter {
    private static final int FINAL = 0x80;
    private static final int DEFLATED = 0x40;
    private static final int OPCODE = 0x0F;
    private static final int FIRST_CONTROL = 8;
    private static final int LENGTH = 0x7F;
    private static final int IN_16_BITS = 126;
    private static final int IN_64_BITS = 127;
    private static final int BYTE = 0xFF;

    /** Takes the payloads, or nothing does. */
    interface Messages {
        void bytes(ByteBuffer source, int from, int length);

        void end(boolean deflated);
    }

    private final @Nullable Messages target;
    private int headLength;
    private int first;
    private int lengthBytes;
    private long longLength;
    private long left;
    private boolean deflated;

    FrameCounter(@Nullable Messages target) {
        this.target = target;
    }

    /** How many messages end in what remains of a buffer, whose position is left alone. */
    int count(ByteBuffer source) {
        int messages = 0;
        int at = source.position();
        int end = source.limit();
        while (at < end) {
            if (left == 0) {
                if (head(source.get(at++) & BYTE) && left == 0) {
                    messages += endOfFrame();
                }
                continue;
            }
            int part = (int) Math.min(left, end - at);
            if (target != null && isData()) {
                target.bytes(source, at, part);
            }
            at += part;
            left -= part;
            if (left == 0) {
                messages += endOfFrame();
            }
        }
        return messages;
    }

    /** Whether the head is complete. */
    private boolean head(int next) {
        switch (headLength++) {
            case 0 -> first = next;
            case 1 -> {
                int length = next & LENGTH;
                lengthBytes = length == IN_16_BITS ? Short.BYTES : length == IN_64_BITS ? Long.BYTES : 0;
                longLength = 0;
                if (lengthBytes == 0) {
                    return headIsComplete(length);
                }
            }
            default -> {
                longLength = longLength << Byte.SIZE | next;
                if (--lengthBytes == 0) {
                    return headIsComplete(longLength);
                }
            }
        }
        return false;
    }

    private boolean headIsComplete(long length) {
        left = length;
        headLength = 0;
        if (isData() && (first & OPCODE) != 0) {
            deflated = (first & DEFLATED) != 0;
        }
        return true;
    }

    private boolean isData() {
        return (first & OPCODE) < FIRST_CONTROL;
    }

    private int endOfFrame() {
        if (!isData() || (first & FINAL) == 0) {
            return 0;
        }
        if (target != null) {
            target.end(deflated);
        }
        return 1;
    }
}
