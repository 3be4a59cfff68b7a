/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;

/**
 * The types that a buffer writes and reads, each with its calls on a {@link SendBuffer} and on a {@link ByteBuffer}.
 */
@SuppressWarnings("ImmutableEnumChecker") // The functions are stateless.
enum Primitive {
    BYTE(
            Byte.BYTES,
            (buffer, value) -> buffer.putByte((int) value),
            (buffer, index, value) -> buffer.putByte(index, (int) value),
            (expected, index, value) -> expected.put(index, (byte) value),
            SendBuffer::getByte,
            ByteBuffer::get,
            SendBufferReader::getByte),
    SHORT(
            Short.BYTES,
            (buffer, value) -> buffer.putShort((int) value),
            (buffer, index, value) -> buffer.putShort(index, (int) value),
            (expected, index, value) -> expected.putShort(index, (short) value),
            SendBuffer::getShort,
            ByteBuffer::getShort,
            SendBufferReader::getShort),
    CHAR(
            Character.BYTES,
            (buffer, value) -> buffer.putChar((char) value),
            (buffer, index, value) -> buffer.putChar(index, (char) value),
            (expected, index, value) -> expected.putChar(index, (char) value),
            SendBuffer::getChar,
            ByteBuffer::getChar,
            SendBufferReader::getChar),
    INT(
            Integer.BYTES,
            (buffer, value) -> buffer.putInt((int) value),
            (buffer, index, value) -> buffer.putInt(index, (int) value),
            (expected, index, value) -> expected.putInt(index, (int) value),
            SendBuffer::getInt,
            ByteBuffer::getInt,
            SendBufferReader::getInt),
    LONG(
            Long.BYTES,
            SendBuffer::putLong,
            SendBuffer::putLong,
            ByteBuffer::putLong,
            SendBuffer::getLong,
            ByteBuffer::getLong,
            SendBufferReader::getLong),
    FLOAT(
            Float.BYTES,
            (buffer, value) -> buffer.putFloat(Float.intBitsToFloat((int) value)),
            (buffer, index, value) -> buffer.putFloat(index, Float.intBitsToFloat((int) value)),
            (expected, index, value) -> expected.putFloat(index, Float.intBitsToFloat((int) value)),
            SendBuffer::getFloat,
            ByteBuffer::getFloat,
            SendBufferReader::getFloat),
    DOUBLE(
            Double.BYTES,
            (buffer, value) -> buffer.putDouble(Double.longBitsToDouble(value)),
            (buffer, index, value) -> buffer.putDouble(index, Double.longBitsToDouble(value)),
            (expected, index, value) -> expected.putDouble(index, Double.longBitsToDouble(value)),
            SendBuffer::getDouble,
            ByteBuffer::getDouble,
            SendBufferReader::getDouble);

    /** Appends the type's share of a random long. */
    interface Put {
        SendBuffer put(SendBuffer buffer, long value);
    }

    /** Writes it at an index. */
    interface PutAt<B> {
        B put(B buffer, int index, long value);
    }

    /** Reads at an index. */
    interface GetAt<B> {
        Object get(B buffer, int index);
    }

    /** Reads relatively. */
    interface Read {
        Object read(SendBufferReader reader);
    }

    final int bytes;
    final Put put;
    final PutAt<SendBuffer> putAt;
    final PutAt<ByteBuffer> expectedPutAt;
    final GetAt<SendBuffer> getAt;
    final GetAt<ByteBuffer> expectedGetAt;
    final Read read;

    Primitive(
            int bytes,
            Put put,
            PutAt<SendBuffer> putAt,
            PutAt<ByteBuffer> expectedPutAt,
            GetAt<SendBuffer> getAt,
            GetAt<ByteBuffer> expectedGetAt,
            Read read) {
        this.bytes = bytes;
        this.put = put;
        this.putAt = putAt;
        this.expectedPutAt = expectedPutAt;
        this.getAt = getAt;
        this.expectedGetAt = expectedGetAt;
        this.read = read;
    }
}
