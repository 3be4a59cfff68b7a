/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages whose length is not known beforehand, as the reply to a query: appends, and moves to a larger buffer
 * of its pool when one is full. Used again for each message: make one for each thread that writes, not for each client.
 * It begins with about what the last messages took, so it seldom moves, and makes no garbage.
 *
 * <pre>{@code
 * try (SendBuffer reply = writer.putAscii("*").putIntAscii(rows).putAscii("\r\n").seal()) {
 *     session.send(reply);
 * }
 * }</pre>
 *
 * <p>Each append throws and changes nothing if it cannot be done: {@link PoolExhaustedException} where
 * {@link SendBufferPool#acquire(int)} throws it, {@link IndexOutOfBoundsException} where the message would be longer
 * than the writer may make one. What was appended before is there still, to be sealed, appended to, or cleared.
 *
 * <p><b>Ownership.</b> Between the first append and {@link #seal}, {@link #clear} or {@link #close}, the writer holds a
 * buffer; the sealed message is the caller's, to be released. For one thread at a time.
 */
public final class SendWriter implements AutoCloseable {
    private static final int MIN_CAPACITY = 256;

    /** A first buffer takes no more of a chunk, so that little of the chunk before is left unused. */
    private static final int PART_OF_CHUNK = 8;

    private final SendBufferPool pool;
    private final int chunkSize;
    private final int maxLength;

    /** The message so far; null if it is empty, and nothing is known of it. */
    private @Nullable SendBuffer buffer;

    /** The capacity that the next message begins with. */
    private int firstCapacity = MIN_CAPACITY;

    private ByteOrder order = ByteOrder.BIG_ENDIAN;

    SendWriter(SendBufferPool pool, int chunkSize, int maxLength) {
        this.pool = pool;
        this.chunkSize = chunkSize;
        this.maxLength = maxLength;
    }

    /** Bytes of the message so far, as {@link SendBuffer#length()} has it. */
    public int length() {
        SendBuffer current = buffer;
        return current == null ? 0 : current.length();
    }

    /** Sets the byte order of all that follows, in this message and the next ones. Big endian otherwise. */
    public SendWriter order(ByteOrder order) {
        this.order = Objects.requireNonNull(order, "order");
        if (buffer != null) {
            buffer.order(order);
        }
        return this;
    }

    /**
     * Ends the message, and begins another one, which is empty.
     *
     * @return the message, sealed, with one reference that is the caller's
     * @throws PoolExhaustedException if nothing was appended, and there is no room even for an empty message
     */
    public SendBuffer seal() {
        SendBuffer message = room(0);
        int taken = message.end();
        message.seal();
        buffer = null;
        int least = Math.max(BitUtil.findNextPositivePowerOfTwo(Math.min(taken, chunkSize)), firstCapacity / 2);
        firstCapacity = Math.max(MIN_CAPACITY, Math.min(least, chunkSize / PART_OF_CHUNK));
        return message;
    }

    /** Forgets what was appended, and gives its memory back. Has no effect if there is nothing. */
    public void clear() {
        SendBuffer current = buffer;
        if (current != null) {
            buffer = null;
            current.release();
        }
    }

    /** Likewise, for try-with-resources. The writer can be used again. */
    @Override
    public void close() {
        clear();
    }

    // ---- headroom

    /** Leaves room for a header, to be prepended when the message is there; see {@link SendBuffer#headroom}. */
    public SendWriter headroom(int bytes) {
        room(Math.max(0, bytes)).headroom(bytes);
        return this;
    }

    /** Writes a byte in front of what is there; see {@link SendBuffer#prependByte}. */
    public SendWriter prependByte(int value) {
        room(0).prependByte(value);
        return this;
    }

    /** Writes a short in front of what is there; see {@link SendBuffer#prependByte}. */
    public SendWriter prependShort(int value) {
        room(0).prependShort(value);
        return this;
    }

    /** Writes an int in front of what is there; see {@link SendBuffer#prependByte}. */
    public SendWriter prependInt(int value) {
        room(0).prependInt(value);
        return this;
    }

    /** Writes a long in front of what is there; see {@link SendBuffer#prependByte}. */
    public SendWriter prependLong(long value) {
        room(0).prependLong(value);
        return this;
    }

    /** Writes a whole array in front of what is there; see {@link SendBuffer#prependByte}. */
    public SendWriter prependBytes(byte[] source) {
        room(0).prependBytes(source);
        return this;
    }

    /** Writes text as ASCII in front of what is there; see {@link SendBuffer#prependByte}. */
    public SendWriter prependAscii(CharSequence text) {
        room(0).prependAscii(text);
        return this;
    }

    /** Writes a number as decimal digits in front of what is there; see {@link SendBuffer#prependByte}. */
    public SendWriter prependIntAscii(int value) {
        room(0).prependIntAscii(value);
        return this;
    }

    // ---- appends

    /** Appends a byte, the low 8 bits of the value. */
    public SendWriter putByte(int value) {
        room(Byte.BYTES).putByte(value);
        return this;
    }

    /** Appends a short, the low 16 bits of the value. */
    public SendWriter putShort(int value) {
        room(Short.BYTES).putShort(value);
        return this;
    }

    /** Appends an int. */
    public SendWriter putInt(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    /** Appends a long. */
    public SendWriter putLong(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    /** Appends a float. */
    public SendWriter putFloat(float value) {
        room(Float.BYTES).putFloat(value);
        return this;
    }

    /** Appends a double. */
    public SendWriter putDouble(double value) {
        room(Double.BYTES).putDouble(value);
        return this;
    }

    /** Appends a whole array. */
    public SendWriter putBytes(byte[] source) {
        room(source.length).putBytes(source);
        return this;
    }

    /** Appends a part of an array. */
    public SendWriter putBytes(byte[] source, int sourceOffset, int length) {
        Objects.checkFromIndexSize(sourceOffset, length, source.length);
        room(length).putBytes(source, sourceOffset, length);
        return this;
    }

    /** Appends what remains in a {@link ByteBuffer}, and moves its position to its limit. */
    public SendWriter putBytes(ByteBuffer source) {
        room(source.remaining()).putBytes(source);
        return this;
    }

    /** Appends a part of a {@link ByteBuffer}, and leaves its position alone. */
    public SendWriter putBytes(ByteBuffer source, int sourceIndex, int length) {
        Objects.checkFromIndexSize(sourceIndex, length, source.limit());
        room(length).putBytes(source, sourceIndex, length);
        return this;
    }

    /** Appends a part of another message, which the caller holds a reference to. */
    public SendWriter putBytes(SendBuffer source, int sourceIndex, int length) {
        source.toRead(sourceIndex, length);
        room(length).putBytes(source, sourceIndex, length);
        return this;
    }

    /** Appends text as UTF-8; see {@link SendBuffer#putUtf8(CharSequence)}. */
    public SendWriter putUtf8(CharSequence text) {
        SendBuffer current = buffer;
        long longest = (long) text.length() * Utf8.MAX_BYTES_PER_CHAR;
        if (current == null || longest > current.remaining()) { // else it need not be measured
            current = room(Utf8.encodedLength(text, text.length()));
        }
        current.putUtf8(text);
        return this;
    }

    /** Appends text as ASCII; see {@link SendBuffer#putAscii(CharSequence)}. */
    public SendWriter putAscii(CharSequence text) {
        room(text.length()).putAscii(text);
        return this;
    }

    /** Appends a number as decimal digits. */
    public SendWriter putIntAscii(int value) {
        room(AsciiNumbers.lengthOf(value)).putIntAscii(value);
        return this;
    }

    /** Appends a number as decimal digits. */
    public SendWriter putLongAscii(long value) {
        room(AsciiNumbers.lengthOf(value)).putLongAscii(value);
        return this;
    }

    // ---- what is written already

    /**
     * Writes an int over what was appended, for a length or a count that is known later.
     *
     * @param index where, in bytes from the start of the message, headroom included
     * @throws IndexOutOfBoundsException if that is not within what was appended
     */
    public SendWriter putInt(int index, int value) {
        written(index, Integer.BYTES).putInt(index, value);
        return this;
    }

    /** Writes a short over what was appended; see {@link #putInt(int, int)}. */
    public SendWriter putShort(int index, int value) {
        written(index, Short.BYTES).putShort(index, value);
        return this;
    }

    /** Writes a byte over what was appended; see {@link #putInt(int, int)}. */
    public SendWriter putByte(int index, int value) {
        written(index, Byte.BYTES).putByte(index, value);
        return this;
    }

    // ---- room

    private SendBuffer written(int index, int bytes) {
        SendBuffer current = buffer;
        int end = current == null ? 0 : current.end();
        if (current == null || index < 0 || bytes > end - index) {
            throw new IndexOutOfBoundsException(
                    "cannot write " + bytes + " bytes at index " + index + ": " + end + " were appended");
        }
        return current;
    }

    /** The buffer, with room for this many bytes more. */
    private SendBuffer room(long bytes) {
        SendBuffer current = buffer;
        return current != null && bytes <= current.remaining() ? current : grow(current, bytes);
    }

    private SendBuffer grow(@Nullable SendBuffer full, long bytes) {
        long needed = bytes + (full == null ? 0 : full.end());
        if (needed > maxLength) {
            throw new IndexOutOfBoundsException(
                    "the message would have " + needed + " bytes; the writer was made for " + maxLength + " at most");
        }
        if (full == null) {
            SendBuffer first = acquire((int) needed, firstCapacity);
            buffer = first;
            return first.order(order);
        }
        return move(full, (int) needed);
    }

    private SendBuffer move(SendBuffer full, int needed) {
        StackRoom.require();
        SendBuffer larger = acquire(needed, 2L * full.capacity());
        full.moveTo(larger);
        buffer = larger;
        full.release();
        return larger;
    }

    /** More than is needed, if the pool has it; but a chunk of its own only if it must be. */
    private SendBuffer acquire(int needed, long wanted) {
        int most = needed <= chunkSize ? Math.min(maxLength, chunkSize) : maxLength;
        int capacity = (int) Math.max(needed, Math.min(wanted, most));
        SendBuffer acquired = capacity == needed ? null : pool.tryAcquire(capacity);
        return acquired != null ? acquired : pool.acquire(needed);
    }
}
