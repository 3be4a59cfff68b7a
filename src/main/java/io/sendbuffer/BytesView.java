/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One slice of a chunk as an Agrona buffer: numbers and bytes. Does what Agrona's {@code UnsafeBuffer} does, byte for
 * byte, with two differences: every access is checked, whatever Agrona's flags are, and needs no JVM flag.
 *
 * <p>The byte order is the machine's if none is given, as everywhere in Agrona; the chunk's memory is big endian.
 */
abstract class BytesView implements DirectBuffer {
    static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private static final boolean NATIVE_IS_SWAPPED = NATIVE != ByteOrder.BIG_ENDIAN;

    /** The capacity of a view that ended: no access fits, not even one of zero bytes. */
    private static final int ENDED = -1;

    /** The whole chunk's, so it never leaves this package. */
    final ByteBuffer memory;

    final int offset;

    /** {@link #ENDED} after the end. */
    private int capacity;

    BytesView(ByteBuffer memory, int offset, int capacity) {
        this.memory = memory;
        this.offset = offset;
        this.capacity = capacity;
    }

    /** Every later access throws. */
    final void end() {
        capacity = ENDED;
    }

    /** Checks an access, and returns where it starts in {@link #memory}. */
    final int toRead(int index, int bytes) {
        if (index < 0 || bytes < 0 || bytes > (long) capacity - index) {
            throw outside(index, bytes);
        }
        return offset + index;
    }

    private IndexOutOfBoundsException outside(int index, int bytes) {
        return new IndexOutOfBoundsException(
                capacity == ENDED
                        ? "the view ended with the seal or the last release of its buffer; read a sealed buffer through"
                                + " asDirectBuffer()"
                        : bytes + " bytes at index " + index + " are not within the " + capacity + " of the view");
    }

    // ---- what is behind the view

    @Override
    public final int capacity() {
        return Math.max(0, capacity);
    }

    @Override
    public final byte @Nullable [] byteArray() {
        return null;
    }

    @Override
    public final int wrapAdjustment() {
        return 0;
    }

    @Override
    public final void checkLimit(int limit) {
        if (limit > capacity) {
            throw new IndexOutOfBoundsException("limit=" + limit + " is beyond capacity=" + capacity());
        }
    }

    @Override
    public final void boundsCheck(int index, int length) {
        toRead(index, length);
    }

    @Override
    public final void wrap(byte[] buffer) {
        throw AgronaViews.fixed();
    }

    @Override
    public final void wrap(byte[] buffer, int offset, int length) {
        throw AgronaViews.fixed();
    }

    @Override
    public final void wrap(ByteBuffer buffer) {
        throw AgronaViews.fixed();
    }

    @Override
    public final void wrap(ByteBuffer buffer, int offset, int length) {
        throw AgronaViews.fixed();
    }

    @Override
    public final void wrap(DirectBuffer buffer) {
        throw AgronaViews.fixed();
    }

    @Override
    public final void wrap(DirectBuffer buffer, int offset, int length) {
        throw AgronaViews.fixed();
    }

    @Override
    public final void wrap(long address, int length) {
        throw AgronaViews.fixed();
    }

    // ---- numbers

    @Override
    public final byte getByte(int index) {
        return memory.get(toRead(index, Byte.BYTES));
    }

    @Override
    public final short getShort(int index) {
        short value = memory.getShort(toRead(index, Short.BYTES));
        return NATIVE_IS_SWAPPED ? Short.reverseBytes(value) : value;
    }

    @Override
    public final short getShort(int index, ByteOrder order) {
        short value = getShort(index);
        return AgronaViews.isSwapped(order) ? Short.reverseBytes(value) : value;
    }

    @Override
    public final char getChar(int index) {
        return (char) getShort(index);
    }

    @Override
    public final char getChar(int index, ByteOrder order) {
        return (char) getShort(index, order);
    }

    @Override
    public final int getInt(int index) {
        int value = memory.getInt(toRead(index, Integer.BYTES));
        return NATIVE_IS_SWAPPED ? Integer.reverseBytes(value) : value;
    }

    @Override
    public final int getInt(int index, ByteOrder order) {
        int value = getInt(index);
        return AgronaViews.isSwapped(order) ? Integer.reverseBytes(value) : value;
    }

    @Override
    public final long getLong(int index) {
        long value = memory.getLong(toRead(index, Long.BYTES));
        return NATIVE_IS_SWAPPED ? Long.reverseBytes(value) : value;
    }

    @Override
    public final long getLong(int index, ByteOrder order) {
        long value = getLong(index);
        return AgronaViews.isSwapped(order) ? Long.reverseBytes(value) : value;
    }

    @Override
    public final float getFloat(int index) {
        return Float.intBitsToFloat(getInt(index));
    }

    @Override
    public final float getFloat(int index, ByteOrder order) {
        return Float.intBitsToFloat(getInt(index, order));
    }

    @Override
    public final double getDouble(int index) {
        return Double.longBitsToDouble(getLong(index));
    }

    @Override
    public final double getDouble(int index, ByteOrder order) {
        return Double.longBitsToDouble(getLong(index, order));
    }

    // ---- bytes

    @Override
    public final void getBytes(int index, byte[] target) {
        getBytes(index, target, 0, target.length);
    }

    @Override
    public final void getBytes(int index, byte[] target, int targetOffset, int length) {
        Objects.checkFromIndexSize(targetOffset, length, target.length);
        memory.get(toRead(index, length), target, targetOffset, length);
    }

    @Override
    public final void getBytes(int index, MutableDirectBuffer target, int targetIndex, int length) {
        AgronaViews.copyOut(memory, toRead(index, length), target, targetIndex, length);
    }

    @Override
    public final void getBytes(int index, ByteBuffer target, int length) {
        int to = target.position();
        getBytes(index, target, to, length);
        target.position(to + length);
    }

    @Override
    public final void getBytes(int index, ByteBuffer target, int targetOffset, int length) {
        int from = toRead(index, length);
        Objects.checkFromIndexSize(targetOffset, length, target.capacity());
        AgronaViews.reachingTo(target, targetOffset + length).put(targetOffset, memory, from, length);
    }

    // ---- as a whole

    /** Compares the content, if both are views of one kind. */
    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof BytesView that && getClass() == that.getClass() && compareTo(that) == 0);
    }

    @Override
    public final int hashCode() {
        int hash = 19;
        int length = capacity();
        int i = 0;
        for (; i < (length & -Long.BYTES); i += Long.BYTES) {
            hash = 31 * hash + Long.hashCode(getLong(i));
        }
        for (; i < length; i++) {
            hash = 31 * hash + getByte(i);
        }
        return hash;
    }

    @Override
    public final int compareTo(DirectBuffer that) {
        int length = Math.min(capacity(), that.capacity());
        int i = 0;
        for (; i < (length & -Long.BYTES); i += Long.BYTES) {
            int compared = Long.compare(getLong(i), that.getLong(i));
            if (compared != 0) {
                return compared;
            }
        }
        for (; i < length; i++) {
            int compared = Byte.compare(getByte(i), that.getByte(i));
            if (compared != 0) {
                return compared;
            }
        }
        return Integer.compare(capacity(), that.capacity());
    }
}
