/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A write that does not fit throws and changes nothing: neither the buffer nor its neighbors. */
class SendBufferBoundsTest {
    private static final int CAPACITY = 20;
    private static final int LENGTH = 18;
    private static final List<Integer> OUTSIDE =
            List.of(-1, -CAPACITY, Integer.MIN_VALUE, CAPACITY + 1, Integer.MAX_VALUE - 1, Integer.MAX_VALUE);

    private final SendBufferPool pool = Pools.create();

    /** Allocated side by side, so that a byte out of bounds lands in a neighbor. */
    private List<SendBuffer> row = List.of();

    private List<byte[]> content = List.of();

    @BeforeEach
    void fillThreeNeighbors() {
        row = List.of(pool.acquire(CAPACITY), pool.acquire(CAPACITY), pool.acquire(CAPACITY));
        for (SendBuffer buffer : row) {
            buffer.putBytes(0, filled(CAPACITY), 0, CAPACITY).putBytes(filled(LENGTH));
        }
        content = row.stream().map(buffer -> bytesOf(buffer, CAPACITY)).toList();
    }

    private static byte[] filled(int bytes) {
        byte[] array = new byte[bytes];
        Arrays.fill(array, (byte) 0x5A);
        return array;
    }

    private static byte[] bytesOf(SendBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes, 0, length);
        return bytes;
    }

    private SendBuffer middle() {
        return row.get(1);
    }

    private void requireRefused(String what, Consumer<SendBuffer> write) {
        SendBuffer buffer = middle();
        assertThrows(IndexOutOfBoundsException.class, () -> write.accept(buffer), what);
        assertEquals(LENGTH, buffer.length(), what);
        for (int i = 0; i < row.size(); i++) {
            assertArrayEquals(content.get(i), bytesOf(row.get(i), CAPACITY), what);
        }
    }

    private void release() {
        row.forEach(SendBuffer::release);
    }

    @Test
    void shouldRefuseAPrimitiveThatDoesNotFit() {
        for (Primitive type : Primitive.values()) {
            if (type.bytes > CAPACITY - LENGTH) {
                requireRefused("append " + type, buffer -> type.put.put(buffer, -1));
            }
            requireRefused(type + " at the end", buffer -> type.putAt.put(buffer, CAPACITY - type.bytes + 1, -1));
            for (int index : OUTSIDE) {
                requireRefused(type + " at " + index, buffer -> type.putAt.put(buffer, index, -1));
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> type.getAt.get(middle(), index),
                        () -> "read " + type + " at " + index);
            }
        }
        release();
    }

    @Test
    void shouldSayWhatWasTriedAndWhatToDo() {
        Exception e = assertThrows(IndexOutOfBoundsException.class, () -> middle().putInt(1));
        assertSays(e, "cannot write 4 bytes at index 18");
        assertSays(e, "the capacity is 20; acquire a larger buffer");
        release();
    }

    @Test
    void shouldRefuseToAppendBytesThatDoNotFit() {
        byte[] three = {1, 2, 3};
        ByteBuffer source = ByteBuffer.wrap(three);
        requireRefused("array", buffer -> buffer.putBytes(three));
        requireRefused("part of an array", buffer -> buffer.putBytes(new byte[9], 2, 3));
        requireRefused("ByteBuffer", buffer -> buffer.putBytes(source));
        requireRefused("part of a ByteBuffer", buffer -> buffer.putBytes(source, 0, 3));
        requireRefused("SendBuffer", buffer -> buffer.putBytes(row.get(0), 0, 3));
        requireRefused("Agrona buffer", buffer -> buffer.putBytes(ArrayDirectBuffer.over(three), 0, 3));
        assertEquals(0, source.position(), "the source moved although nothing was written");
        release();
    }

    @Test
    void shouldRefuseBytesOutsideOfTheCapacity() {
        byte[] three = {1, 2, 3};
        ByteBuffer source = ByteBuffer.wrap(three);
        for (int index : List.of(CAPACITY - 2, -1, Integer.MIN_VALUE, Integer.MAX_VALUE - 2, Integer.MAX_VALUE)) {
            requireRefused("array at " + index, buffer -> buffer.putBytes(index, three, 0, 3));
            requireRefused("ByteBuffer at " + index, buffer -> buffer.putBytes(index, source));
            requireRefused("part of a ByteBuffer at " + index, buffer -> buffer.putBytes(index, source, 0, 3));
            requireRefused("SendBuffer at " + index, buffer -> buffer.putBytes(index, row.get(2), 0, 3));
            requireRefused(
                    "Agrona buffer at " + index, buffer -> buffer.putBytes(index, ArrayDirectBuffer.over(three), 0, 3));
        }
        assertEquals(0, source.position(), "the source moved although nothing was written");
        release();
    }

    @Test
    void shouldRefuseTextThatDoesNotFitWithoutWritingItsBeginning() {
        for (String text : List.of("abc", "a\u00e9", "\ud55c", "\ud83d\ude00", "\ud83d\ud83d\ud83d")) {
            requireRefused("append " + text, buffer -> buffer.putUtf8(text));
            requireRefused("at the end: " + text, buffer -> buffer.putUtf8(CAPACITY - 2, text));
            for (int index : OUTSIDE) {
                requireRefused(text + " at " + index, buffer -> buffer.putUtf8(index, text));
            }
        }
        release();
    }

    @Test
    void shouldRefuseAsciiThatDoesNotFitWithoutWritingItsBeginning() {
        requireRefused("append", buffer -> buffer.putAscii("abc"));
        requireRefused("at the end", buffer -> buffer.putAscii(CAPACITY - 2, "abc"));
        for (int index : OUTSIDE) {
            requireRefused("at " + index, buffer -> buffer.putAscii(index, "a"));
        }
        release();
    }

    @Test
    void shouldRefuseEvenNothingOutsideOfTheCapacity() {
        for (int index : OUTSIDE) {
            requireRefused("array at " + index, buffer -> buffer.putBytes(index, new byte[0], 0, 0));
            requireRefused("text at " + index, buffer -> buffer.putUtf8(index, ""));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> middle().getBytes(index, new byte[0], 0, 0),
                    () -> "read at " + index);
        }
        release();
    }

    @Test
    void shouldRefuseToSealALengthOutsideOfTheCapacity() {
        for (int length : OUTSIDE) {
            requireRefused("seal " + length, buffer -> buffer.seal(length));
            assertTrue(!middle().isSealed(), () -> "sealed with " + length);
        }
        release();
    }

    @Test
    void shouldReadTheWholeCapacityBeforeTheSealAndTheMessageAfterIt() {
        SendBuffer buffer = middle();
        assertEquals(0x5A, buffer.getByte(CAPACITY - 1));
        buffer.seal();
        assertEquals(0x5A, buffer.getByte(LENGTH - 1));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.getByte(LENGTH));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.getInt(LENGTH - 3));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.getUtf8(0, LENGTH + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.getBytes(0, ByteBuffer.allocate(64), LENGTH + 1));
        release();
    }

    @Test
    void shouldFillTheCapacityToItsLastByte() {
        SendBuffer buffer = middle();
        buffer.putShort((short) 0x0102);
        assertEquals(0, buffer.remaining());
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.putByte((byte) 1));
        buffer.putBytes(new byte[0]).putUtf8("");
        assertEquals(CAPACITY, buffer.seal().length());
        assertEquals(0x0102, buffer.getShort(LENGTH));
        release();
    }
}
