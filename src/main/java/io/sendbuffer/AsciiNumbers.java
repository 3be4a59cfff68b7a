/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.agrona.AsciiEncoding.INT_MAX_DIGITS;
import static org.agrona.AsciiEncoding.LONG_MAX_DIGITS;

import java.nio.ByteBuffer;
import org.agrona.AsciiEncoding;
import org.agrona.AsciiNumberFormatException;

/** Numbers as ASCII digits: in a view, the results and the failures are those of Agrona's buffers. */
final class AsciiNumbers {
    private static final long ABSOLUTE_MIN_INT = 1L << 31;

    private static final int NO_NUMBER = -1;

    /** "00" to "99", each as a big-endian short. */
    private static final short[] PAIRS = new short[100];

    static {
        for (int i = 0; i < PAIRS.length; i++) {
            PAIRS[i] = (short) (('0' + i / 10) << 8 | ('0' + i % 10));
        }
    }

    private AsciiNumbers() {}

    static int parseInt(TextView view, int index, int length, boolean signed) {
        int start = startOfDigits(view, index, length, signed, "int");
        int end = index + length;
        boolean negative = start > index;
        if (end - start > INT_MAX_DIGITS) {
            throw failed("int overflow parsing: ", view, index, length);
        }
        long value = digits(view, start, end);
        if (value == NO_NUMBER) {
            throw failed("error parsing int: ", view, index, length);
        }
        if (value > ABSOLUTE_MIN_INT || (value == ABSOLUTE_MIN_INT && !negative)) {
            throw failed("int overflow parsing: ", view, index, length);
        }
        return (int) (negative ? -value : value);
    }

    static long parseLong(TextView view, int index, int length, boolean signed) {
        int start = startOfDigits(view, index, length, signed, "long");
        int end = index + length;
        boolean negative = start > index;
        if (end - start > LONG_MAX_DIGITS) {
            throw failed("long overflow parsing: ", view, index, length);
        }
        long value = digits(view, start, end); // 19 digits: below 10 * 2^63 / 9, so an overflow is negative
        if (value == NO_NUMBER) {
            throw failed("error parsing long: ", view, index, length);
        }
        if (value < 0 && !(negative && value == Long.MIN_VALUE)) {
            throw failed("long overflow parsing: ", view, index, length);
        }
        return negative ? -value : value;
    }

    private static int startOfDigits(TextView view, int index, int length, boolean signed, String type) {
        view.toRead(index, length);
        if (length <= 0) {
            throw new AsciiNumberFormatException("empty string: index=" + index + " length=" + length);
        }
        if (!signed || view.getByte(index) != '-') {
            return index;
        }
        if (length == 1) {
            throw failed("error parsing " + type + ": ", view, index, length);
        }
        return index + 1;
    }

    private static long digits(TextView view, int start, int end) {
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = view.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return NO_NUMBER;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static AsciiNumberFormatException failed(String what, TextView view, int index, int length) {
        return new AsciiNumberFormatException(what + view.getStringWithoutLengthAscii(index, length));
    }

    /** How many chars a number takes, with the sign of a negative one. */
    static int lengthOf(long value) {
        if (value >= 0) {
            return AsciiEncoding.digitCount(value);
        }
        return value == Long.MIN_VALUE ? 1 + LONG_MAX_DIGITS : 1 + AsciiEncoding.digitCount(-value);
    }

    /**
     * Writes a number into the memory of a chunk, which is big endian.
     *
     * @param length as {@link #lengthOf} says
     */
    static void put(ByteBuffer memory, int index, int length, long value) {
        long rest = value < 0 ? value : -value; // there is no positive number for the least one
        int at = index + length;
        while (rest <= -10) {
            long next = rest / 100;
            at -= Short.BYTES;
            memory.putShort(at, PAIRS[(int) (100 * next - rest)]);
            rest = next;
        }
        if (rest < 0 || at == index + length) {
            memory.put(--at, (byte) ('0' - rest));
        }
        if (value < 0) {
            memory.put(--at, (byte) '-');
        }
    }

    /**
     * Writes a number's digits from an index on.
     *
     * @param count how many digits it has
     */
    static void putDigits(WritableView view, int index, long value, int count) {
        long rest = value;
        for (int i = index + count - 1; rest > 9; i--) {
            view.putByte(i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        view.putByte(index, (byte) ('0' + rest));
    }
}
