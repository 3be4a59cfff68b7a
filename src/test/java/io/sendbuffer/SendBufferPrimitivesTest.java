/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every primitive in both byte orders, compared with what a {@link ByteBuffer} does with the same values. */
class SendBufferPrimitivesTest {
    private static final int VALUES = 2_000;
    private static final int CAPACITY = VALUES * Long.BYTES;
    private static final Primitive[] TYPES = Primitive.values();

    private final SendBufferPool pool = Pools.create();
    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final String hint = TestSeed.hint(seed);

    static List<ByteOrder> orders() {
        return List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldAppendWhatAByteBufferAppends(ByteOrder order) {
        ByteBuffer expected = ByteBuffer.allocate(CAPACITY).order(order);
        try (SendBuffer actual = pool.acquire(CAPACITY).order(order)) {
            int length = 0;
            for (int i = 0; i < VALUES; i++) {
                Primitive type = TYPES[random.nextInt(TYPES.length)];
                long value = random.nextLong();
                type.put.put(actual, value);
                type.expectedPutAt.put(expected, length, value);
                length += type.bytes;
                assertEquals(length, actual.length(), type + hint);
                assertEquals(CAPACITY - length, actual.remaining(), type + hint);
            }
            assertEquals(expected.limit(length), actual.seal().asReadOnlyByteBuffer(), hint);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldWriteAtAnIndexWhatAByteBufferWrites(ByteOrder order) {
        ByteBuffer expected = ByteBuffer.allocate(CAPACITY).order(order);
        try (SendBuffer actual = pool.acquire(CAPACITY).order(order)) {
            actual.putBytes(0, new byte[CAPACITY], 0, CAPACITY);
            for (int i = 0; i < VALUES; i++) {
                Primitive type = TYPES[random.nextInt(TYPES.length)];
                long value = random.nextLong();
                int index = random.nextInt(CAPACITY - type.bytes + 1);
                type.putAt.put(actual, index, value);
                type.expectedPutAt.put(expected, index, value);
            }
            assertEquals(0, actual.length(), "absolute writes moved the position of relative writes" + hint);
            assertEquals(expected, actual.seal(CAPACITY).asReadOnlyByteBuffer(), hint);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReadWhatAByteBufferReadsBeforeAndAfterTheSeal(ByteOrder order) {
        byte[] bytes = randomBytes();
        ByteBuffer expected = ByteBuffer.wrap(bytes).order(order);
        try (SendBuffer actual = pool.acquire(CAPACITY).order(order).putBytes(bytes)) {
            readAtRandom(actual, expected);
            readAtRandom(actual.seal(), expected);
        }
    }

    private void readAtRandom(SendBuffer actual, ByteBuffer expected) {
        for (int i = 0; i < VALUES; i++) {
            Primitive type = TYPES[random.nextInt(TYPES.length)];
            int index = random.nextInt(CAPACITY - type.bytes + 1);
            assertEquals(
                    type.expectedGetAt.get(expected, index),
                    type.getAt.get(actual, index),
                    () -> type + " at " + index + hint);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReadRelativelyWhatAByteBufferReads(ByteOrder order) {
        byte[] bytes = randomBytes();
        ByteBuffer expected = ByteBuffer.wrap(bytes).order(order);
        try (SendBuffer actual =
                pool.acquire(CAPACITY).order(order).putBytes(bytes).seal()) {
            SendBufferReader reader = new SendBufferReader(actual);
            while (reader.remaining() >= Long.BYTES) {
                Primitive type = TYPES[random.nextInt(TYPES.length)];
                int index = reader.position();
                assertEquals(type.expectedGetAt.get(expected, index), type.read.read(reader), type + hint);
                assertEquals(index + type.bytes, reader.position(), type + hint);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveTheReaderInItsPlaceWhenTooFewBytesRemain(Primitive type) {
        try (SendBuffer buffer = pool.acquire(CAPACITY).putLong(1).seal()) {
            SendBufferReader reader = new SendBufferReader(buffer);
            int place = buffer.length() - type.bytes + 1;
            reader.position(place);
            assertThrows(IndexOutOfBoundsException.class, () -> type.read.read(reader));
            assertEquals(place, reader.position());
        }
    }

    private byte[] randomBytes() {
        byte[] bytes = new byte[CAPACITY];
        random.nextBytes(bytes);
        return bytes;
    }
}
