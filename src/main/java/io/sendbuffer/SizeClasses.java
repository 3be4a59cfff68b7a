/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * The sizes of chunks for one large buffer: eight to each doubling, so that memory is reused by buffers of about the
 * same size, and at most an eighth of it is wasted.
 */
final class SizeClasses {
    /** Up to {@link Integer#MAX_VALUE}, and one class above it. */
    static final int COUNT = 32 * 8;

    private static final int STEPS = 8;
    private static final int LOG_OF_STEPS = 3;

    private SizeClasses() {}

    /** The smallest size of a class that holds this many bytes, 1 to {@link Integer#MAX_VALUE}. May be above it. */
    static long roundedUp(long bytes) {
        if (bytes <= STEPS) {
            return bytes;
        }
        long step = Long.highestOneBit(bytes - 1) / STEPS;
        return (bytes + step - 1) & -step;
    }

    /** The class whose members all hold this many bytes. */
    static int indexToHold(long bytes) {
        return indexOf(roundedUp(bytes));
    }

    /** The class of a chunk of this size, which may be more than the class's smallest. */
    static int indexOf(long size) {
        if (size < STEPS) {
            return (int) size;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(size);
        int step = (int) (size >>> (exponent - LOG_OF_STEPS)) & (STEPS - 1);
        return Math.min(COUNT - 1, (exponent - LOG_OF_STEPS + 1) * STEPS + step);
    }
}
