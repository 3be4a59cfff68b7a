/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Relative reads of a {@link SendBuffer}. Many threads read a buffer at once, so the position of a reader is not in the
 * buffer but here: one reader for one thread, wrapped around one buffer after the other.
 *
 * <pre>{@code
 * reader.wrap(buffer);
 * int type = reader.getInt();
 * String name = reader.getUtf8(reader.remaining());
 * }</pre>
 *
 * <p>The reader holds no reference; the caller does, while it reads. Not thread-safe.
 */
public final class SendBufferReader {
    private SendBuffer buffer;
    private int position;
    private int limit;
    private boolean swapped;

    /** Creates a reader of a sealed buffer, at its start; see {@link #wrap}. */
    public SendBufferReader(SendBuffer buffer) {
        this.buffer = buffer;
        wrap(buffer);
    }

    /**
     * Goes to the start of a sealed buffer, and takes over its byte order.
     *
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public SendBufferReader wrap(SendBuffer buffer) {
        this.limit = buffer.checkedSealedLength();
        this.buffer = buffer;
        this.position = 0;
        this.swapped = false;
        return this;
    }

    /** Sets the byte order of the reads that follow, until the next {@link #wrap}. */
    public SendBufferReader order(ByteOrder order) {
        swapped = order != buffer.order();
        return this;
    }

    /** Where the next read starts, in bytes from the start of the buffer. */
    public int position() {
        return position;
    }

    /**
     * Moves to another place.
     *
     * @param position 0 to the buffer's length
     * @throws IndexOutOfBoundsException if it is outside that range
     */
    public SendBufferReader position(int position) {
        if (position < 0 || position > limit) {
            throw new IndexOutOfBoundsException("position " + position + " is not within the " + limit + " bytes");
        }
        this.position = position;
        return this;
    }

    /** Bytes from here to the end. */
    public int remaining() {
        return limit - position;
    }

    /**
     * Reads a byte and advances. This and every other read throws and stays where it is if it cannot be done.
     *
     * @throws IndexOutOfBoundsException if fewer bytes remain
     * @throws IllegalStateException if the buffer was released for the last time
     */
    public byte getByte() {
        byte value = buffer.getByte(position);
        position += Byte.BYTES;
        return value;
    }

    /** Reads a short and advances; see {@link #getByte}. */
    public short getShort() {
        short value = buffer.getShort(position);
        position += Short.BYTES;
        return swapped ? Short.reverseBytes(value) : value;
    }

    /** Reads a char and advances; see {@link #getByte}. */
    public char getChar() {
        return (char) getShort();
    }

    /** Reads an int and advances; see {@link #getByte}. */
    public int getInt() {
        int value = buffer.getInt(position);
        position += Integer.BYTES;
        return swapped ? Integer.reverseBytes(value) : value;
    }

    /** Reads a long and advances; see {@link #getByte}. */
    public long getLong() {
        long value = buffer.getLong(position);
        position += Long.BYTES;
        return swapped ? Long.reverseBytes(value) : value;
    }

    /** Reads a float and advances; see {@link #getByte}. */
    public float getFloat() {
        return Float.intBitsToFloat(getInt());
    }

    /** Reads a double and advances; see {@link #getByte}. */
    public double getDouble() {
        return Double.longBitsToDouble(getLong());
    }

    /** Reads bytes into an array and advances; see {@link #getByte}. */
    public SendBufferReader getBytes(byte[] target, int targetOffset, int length) {
        buffer.getBytes(position, target, targetOffset, length);
        position += length;
        return this;
    }

    /** Reads bytes to the position of a {@link ByteBuffer}, which advances as the reader does; see {@link #getByte}. */
    public SendBufferReader getBytes(ByteBuffer target, int length) {
        buffer.getBytes(position, target, length);
        position += length;
        return this;
    }

    /** Reads UTF-8, which includes ASCII, as a new string and advances; see {@link #getByte}. */
    public String getUtf8(int length) {
        String text = buffer.getUtf8(position, length);
        position += length;
        return text;
    }
}
