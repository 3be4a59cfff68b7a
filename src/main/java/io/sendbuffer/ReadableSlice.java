/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The reading half of {@link SendBuffer}: absolute reads, which any thread may do once the buffer is sealed. */
abstract class ReadableSlice extends RefCounted {
    /** The limit of a buffer that was released for the last time: nothing fits, so one comparison guards a read. */
    static final int FREED = -2;

    final ByteBuffer memory;
    int offset;

    /** The whole capacity before the seal, the length after it, {@link #FREED} after the last release. */
    int readLimit = FREED;

    boolean littleEndian;

    ReadableSlice(ByteBuffer memory) {
        this.memory = memory;
    }

    /**
     * The byte order of every read and write of more than one byte. Big endian, the network's order, unless
     * {@link SendBuffer#order(ByteOrder)} set another.
     */
    public ByteOrder order() {
        return littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    /**
     * Reads a byte. This and every other read may be used by the writer before the seal, up to the capacity, and by any
     * thread that holds a reference after it, up to the length.
     *
     * @param index where, in bytes from the start of the buffer
     * @throws IndexOutOfBoundsException if the index is outside of the buffer
     * @throws IllegalStateException if the buffer was released for the last time
     */
    public byte getByte(int index) {
        return memory.get(toRead(index, Byte.BYTES));
    }

    /** Reads a short; see {@link #getByte}. */
    public short getShort(int index) {
        return ordered(memory.getShort(toRead(index, Short.BYTES)));
    }

    /** Reads a char; see {@link #getByte}. */
    public char getChar(int index) {
        return (char) getShort(index);
    }

    /** Reads an int; see {@link #getByte}. */
    public int getInt(int index) {
        return ordered(memory.getInt(toRead(index, Integer.BYTES)));
    }

    /** Reads a long; see {@link #getByte}. */
    public long getLong(int index) {
        return ordered(memory.getLong(toRead(index, Long.BYTES)));
    }

    /** Reads a float; see {@link #getByte}. */
    public float getFloat(int index) {
        return Float.intBitsToFloat(getInt(index));
    }

    /** Reads a double; see {@link #getByte}. */
    public double getDouble(int index) {
        return Double.longBitsToDouble(getLong(index));
    }

    /**
     * Copies bytes into an array; see {@link #getByte}.
     *
     * @param index where to start, in bytes from the start of the buffer
     */
    public void getBytes(int index, byte[] target, int targetOffset, int length) {
        Objects.checkFromIndexSize(targetOffset, length, target.length);
        memory.get(toRead(index, length), target, targetOffset, length);
    }

    /**
     * Copies bytes to the position of a {@link ByteBuffer}, and moves that position; see {@link #getByte}.
     *
     * @param index where to start, in bytes from the start of the buffer
     */
    public void getBytes(int index, ByteBuffer target, int length) {
        int from = toRead(index, length);
        int to = target.position();
        if (length > target.limit() - to) {
            throw new IndexOutOfBoundsException(
                    "the target has room for " + target.remaining() + " bytes, not for " + length);
        }
        target.put(to, memory, from, length).position(to + length);
    }

    /**
     * Copies bytes into an Agrona buffer; see {@link #getByte}.
     *
     * @param index where to start, in bytes from the start of the buffer
     */
    public void getBytes(int index, MutableDirectBuffer target, int targetIndex, int length) {
        AgronaViews.copyOut(memory, toRead(index, length), target, targetIndex, length);
    }

    /**
     * Decodes UTF-8, which includes ASCII, into a new string; see {@link #getByte}.
     *
     * @param index where to start, in bytes from the start of the buffer
     * @param length how many bytes
     */
    public String getUtf8(int index, int length) {
        toRead(index, length); // before anything is allocated: the length may come from a message
        byte[] bytes = new byte[length];
        getBytes(index, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Returns a new read-only view of the sealed bytes, in the order of this buffer. The view holds no reference: it
     * must not be read after the caller's reference was released, when its bytes may be those of another message.
     *
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public ByteBuffer asReadOnlyByteBuffer() {
        return memory.slice(offset, checkedSealedLength()).asReadOnlyBuffer().order(order());
    }

    /**
     * Returns a new Agrona view of the sealed bytes, for an SBE decoder, for instance, or to offer them to an Aeron
     * publication. It covers these bytes alone, is read-only, and so is its {@link DirectBuffer#byteBuffer()}, which is
     * a new one for each call; every access is checked, whatever Agrona's flags are. The view holds no reference: it
     * must not be read after the caller's reference was released, when its bytes may be those of another message.
     *
     * <p>Only what copies by address, as Aeron and Agrona's own buffers do, needs the JVM flag that these need:
     * {@link DirectBuffer#addressOffset()} throws {@link UnsupportedOperationException} without it, and the message
     * names it. Nothing guards an address: write nothing through it.
     *
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public DirectBuffer asDirectBuffer() {
        return new ReadableView(memory, offset, checkedSealedLength());
    }

    /** Returns the sealed length, or throws if the buffer is not ready to be sent. */
    abstract int checkedSealedLength();

    final int toRead(int index, int bytes) {
        if (index < 0 || bytes < 0 || bytes > (long) readLimit - index) {
            throw cannotRead(index, bytes);
        }
        return offset + index;
    }

    private RuntimeException cannotRead(int index, int bytes) {
        if (readLimit == FREED) {
            return released();
        }
        return new IndexOutOfBoundsException(
                "cannot read " + bytes + " bytes at index " + index + ": the buffer has " + readLimit);
    }

    static IllegalStateException released() {
        return new IllegalStateException(
                "the buffer was released for the last time and its memory may be another message's;"
                        + " use it only while a reference is held");
    }

    final short ordered(short value) {
        return littleEndian ? Short.reverseBytes(value) : value;
    }

    final int ordered(int value) {
        return littleEndian ? Integer.reverseBytes(value) : value;
    }

    final long ordered(long value) {
        return littleEndian ? Long.reverseBytes(value) : value;
    }
}
