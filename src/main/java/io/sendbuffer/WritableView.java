/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.agrona.AsciiEncoding;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The Agrona view of a buffer that is being written. It ends with the seal or the last release: so it exposes no
 * {@link ByteBuffer} and no address, which would not end with it.
 */
final class WritableView extends TextView implements MutableDirectBuffer {
    private static final byte[] NULL_TEXT = "null".getBytes(StandardCharsets.US_ASCII);

    private static final int LAST_ASCII = 127;

    WritableView(ByteBuffer memory, int offset, int capacity) {
        super(memory, offset, capacity);
    }

    int toWrite(int index, int bytes) {
        return toRead(index, bytes);
    }

    @Override
    public @Nullable ByteBuffer byteBuffer() {
        return null;
    }

    /** Not available: a write to that address could change a sealed message. */
    @Override
    public long addressOffset() {
        throw new UnsupportedOperationException("the writable view of a SendBuffer has no address, since it ends with"
                + " the seal; copy by view.getBytes(...) or view.putBytes(...), or seal and use asDirectBuffer()");
    }

    @Override
    public boolean isExpandable() {
        return false;
    }

    @Override
    public String toString() {
        return "WritableView[" + capacity() + " bytes]";
    }

    // ---- numbers

    @Override
    public void putByte(int index, byte value) {
        memory.put(toWrite(index, Byte.BYTES), value);
    }

    @Override
    public void putShort(int index, short value) {
        putShort(index, value, NATIVE);
    }

    @Override
    public void putShort(int index, short value, ByteOrder order) {
        memory.putShort(toWrite(index, Short.BYTES), isLittle(order) ? Short.reverseBytes(value) : value);
    }

    @Override
    public void putChar(int index, char value) {
        putShort(index, (short) value, NATIVE);
    }

    @Override
    public void putChar(int index, char value, ByteOrder order) {
        putShort(index, (short) value, order);
    }

    @Override
    public void putInt(int index, int value) {
        putInt(index, value, NATIVE);
    }

    @Override
    public void putInt(int index, int value, ByteOrder order) {
        memory.putInt(toWrite(index, Integer.BYTES), isLittle(order) ? Integer.reverseBytes(value) : value);
    }

    @Override
    public void putLong(int index, long value) {
        putLong(index, value, NATIVE);
    }

    @Override
    public void putLong(int index, long value, ByteOrder order) {
        memory.putLong(toWrite(index, Long.BYTES), isLittle(order) ? Long.reverseBytes(value) : value);
    }

    @Override
    public void putFloat(int index, float value) {
        putInt(index, Float.floatToRawIntBits(value), NATIVE);
    }

    @Override
    public void putFloat(int index, float value, ByteOrder order) {
        putInt(index, Float.floatToRawIntBits(value), order);
    }

    @Override
    public void putDouble(int index, double value) {
        putLong(index, Double.doubleToRawLongBits(value), NATIVE);
    }

    @Override
    public void putDouble(int index, double value, ByteOrder order) {
        putLong(index, Double.doubleToRawLongBits(value), order);
    }

    /** The chunk is big endian; null is the order that is not the machine's. */
    private static boolean isLittle(@Nullable ByteOrder order) {
        return AgronaViews.isSwapped(order) != (NATIVE == ByteOrder.LITTLE_ENDIAN);
    }

    // ---- bytes

    @Override
    public void setMemory(int index, int length, byte value) {
        int at = toWrite(index, length);
        long eight = (value & 0xFFL) * 0x0101_0101_0101_0101L;
        int i = 0;
        for (; i < (length & -Long.BYTES); i += Long.BYTES) {
            memory.putLong(at + i, eight);
        }
        for (; i < length; i++) {
            memory.put(at + i, value);
        }
    }

    @Override
    public void putBytes(int index, byte[] source) {
        putBytes(index, source, 0, source.length);
    }

    @Override
    public void putBytes(int index, byte[] source, int sourceOffset, int length) {
        Objects.checkFromIndexSize(sourceOffset, length, source.length);
        memory.put(toWrite(index, length), source, sourceOffset, length);
    }

    @Override
    public void putBytes(int index, ByteBuffer source, int length) {
        int from = source.position();
        putBytes(index, source, from, length);
        source.position(from + length);
    }

    @Override
    public void putBytes(int index, ByteBuffer source, int sourceIndex, int length) {
        int at = toWrite(index, length);
        Objects.checkFromIndexSize(sourceIndex, length, source.capacity());
        memory.put(at, AgronaViews.reachingTo(source, sourceIndex + length), sourceIndex, length);
    }

    @Override
    public void putBytes(int index, DirectBuffer source, int sourceIndex, int length) {
        AgronaViews.copyIn(source, sourceIndex, memory, toWrite(index, length), length);
    }

    // ---- text; null is written as Agrona writes it

    @Override
    public int putStringAscii(int index, @Nullable String value) {
        return putStringAscii(index, (CharSequence) value, NATIVE);
    }

    @Override
    public int putStringAscii(int index, @Nullable CharSequence value) {
        return putStringAscii(index, value, NATIVE);
    }

    @Override
    public int putStringAscii(int index, @Nullable String value, ByteOrder order) {
        return putStringAscii(index, (CharSequence) value, order);
    }

    @Override
    public int putStringAscii(int index, @Nullable CharSequence value, ByteOrder order) {
        int length = value == null ? 0 : value.length();
        toWrite(index, HEADER + length);
        putInt(index, length, order);
        return HEADER + putAscii(index + HEADER, value, 0, length);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, @Nullable String value) {
        return putStringWithoutLengthAscii(index, (CharSequence) value);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, @Nullable CharSequence value) {
        return putAscii(index, value, 0, value == null ? 0 : value.length());
    }

    @Override
    public int putStringWithoutLengthAscii(int index, @Nullable String value, int valueOffset, int length) {
        return putStringWithoutLengthAscii(index, (CharSequence) value, valueOffset, length);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, @Nullable CharSequence value, int valueOffset, int length) {
        return putAscii(index, value, valueOffset, value == null ? 0 : Math.min(value.length() - valueOffset, length));
    }

    private int putAscii(int index, @Nullable CharSequence value, int valueOffset, int length) {
        if (value == null) {
            return 0;
        }
        toWrite(index, length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(valueOffset + i);
            putByte(index + i, (byte) (c > LAST_ASCII ? '?' : c));
        }
        return length;
    }

    @Override
    public int putStringUtf8(int index, @Nullable String value) {
        return putStringUtf8(index, value, NATIVE, Integer.MAX_VALUE);
    }

    @Override
    public int putStringUtf8(int index, @Nullable String value, ByteOrder order) {
        return putStringUtf8(index, value, order, Integer.MAX_VALUE);
    }

    @Override
    public int putStringUtf8(int index, @Nullable String value, int maxEncodedLength) {
        return putStringUtf8(index, value, NATIVE, maxEncodedLength);
    }

    @Override
    public int putStringUtf8(int index, @Nullable String value, ByteOrder order, int maxEncodedLength) {
        byte[] bytes = utf8(value);
        if (bytes.length > maxEncodedLength) {
            throw new IllegalArgumentException("Encoded string larger than maximum size: " + maxEncodedLength);
        }
        toWrite(index, HEADER + bytes.length);
        putInt(index, bytes.length, order);
        putBytes(index + HEADER, bytes);
        return HEADER + bytes.length;
    }

    @Override
    public int putStringWithoutLengthUtf8(int index, @Nullable String value) {
        byte[] bytes = utf8(value);
        putBytes(index, bytes);
        return bytes.length;
    }

    private static byte[] utf8(@Nullable String value) {
        return value == null ? NULL_TEXT : value.getBytes(StandardCharsets.UTF_8);
    }

    // ---- numbers as text

    @Override
    public int putNaturalIntAscii(int index, int value) {
        return putNatural(index, value, AsciiEncoding.digitCount(value));
    }

    @Override
    public int putNaturalLongAscii(int index, long value) {
        return putNatural(index, value, AsciiEncoding.digitCount(value));
    }

    private int putNatural(int index, long value, int digits) {
        toWrite(index, digits);
        AsciiNumbers.putDigits(this, index, value, digits);
        return digits;
    }

    @Override
    public int putIntAscii(int index, int value) {
        if (value >= 0) {
            return putNaturalIntAscii(index, value);
        }
        return putNegative(index, value);
    }

    @Override
    public int putLongAscii(int index, long value) {
        if (value >= 0) {
            return putNaturalLongAscii(index, value);
        }
        if (value == Long.MIN_VALUE) {
            putBytes(index, AsciiEncoding.MIN_LONG_VALUE);
            return AsciiEncoding.MIN_LONG_VALUE.length;
        }
        return putNegative(index, value);
    }

    private int putNegative(int index, long value) {
        int digits = AsciiEncoding.digitCount(-value);
        toWrite(index, 1 + digits);
        putByte(index, (byte) '-');
        AsciiNumbers.putDigits(this, index + 1, -value, digits);
        return 1 + digits;
    }

    @Override
    public void putNaturalPaddedIntAscii(int index, int length, int value) {
        toWrite(index, length);
        int rest = value;
        for (int i = index + length - 1; i >= index; i--) {
            putByte(i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        if (rest != 0) {
            throw new NumberFormatException("Cannot write " + value + " in " + length + " bytes");
        }
    }

    @Override
    public int putNaturalIntAsciiFromEnd(int value, int endExclusive) {
        int length = AsciiEncoding.digitCount(value);
        toWrite(endExclusive - length, length);
        int index = endExclusive;
        for (int rest = value; rest > 0; rest /= 10) {
            index--;
            putByte(index, (byte) ('0' + rest % 10));
        }
        return index;
    }
}
