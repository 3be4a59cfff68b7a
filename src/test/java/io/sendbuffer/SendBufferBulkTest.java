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
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Copies bytes in from every kind of source, and out again. */
class SendBufferBulkTest {
    private static final byte[] DIGITS = "0123456789".getBytes(StandardCharsets.US_ASCII);

    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldAppendArraysWholeAndInPart() {
        try (SendBuffer buffer = pool.acquire(32)) {
            buffer.putBytes(DIGITS).putBytes(DIGITS, 3, 4).putBytes(DIGITS, 10, 0);
            assertEquals("01234567893456", sealedText(buffer));
        }
    }

    @Test
    void shouldAppendWhatRemainsInAByteBufferAndMoveItsPosition() {
        ByteBuffer direct = ByteBuffer.allocateDirect(DIGITS.length).put(DIGITS).flip();
        try (SendBuffer buffer = pool.acquire(32)) {
            for (ByteBuffer source : new ByteBuffer[] {ByteBuffer.wrap(DIGITS).asReadOnlyBuffer(), direct}) {
                source.limit(8).position(2);
                buffer.putBytes(source);
                assertEquals(8, source.position());
                assertEquals(8, source.limit());
            }
            assertEquals("234567234567", sealedText(buffer));
        }
    }

    @Test
    void shouldCopyAPartOfAByteBufferAndLeaveItsPositionAlone() {
        ByteBuffer source = ByteBuffer.wrap(DIGITS).position(9).limit(9);
        try (SendBuffer buffer = pool.acquire(32)) {
            buffer.putBytes(source, 2, 3).putBytes(source, 8, 1).putBytes(1, source, 0, 2);
            assertEquals(9, source.position());
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(source, 8, 2), "past the limit");
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(source, -1, 2));
            assertEquals("2018", sealedText(buffer));
        }
    }

    @Test
    void shouldAppendAPartOfAnotherBuffer() {
        try (SendBuffer source = pool.acquire(32).putBytes(DIGITS);
                SendBuffer buffer = pool.acquire(32)) {
            buffer.putBytes(source, 1, 3);
            buffer.putBytes(source.seal(), 7, 3);
            assertEquals("123789", sealedText(buffer));
        }
    }

    @Test
    void shouldCopyWithinItself() {
        try (SendBuffer buffer = pool.acquire(32).putBytes(DIGITS)) {
            buffer.putBytes(2, buffer, 0, 8);
            assertEquals("0101234567", sealedText(buffer));
        }
    }

    @Test
    void shouldAppendAPartOfAnAgronaBuffer() {
        try (SendBuffer buffer = pool.acquire(32)) {
            buffer.putBytes(ArrayDirectBuffer.over(DIGITS), 5, 2).putBytes(ArrayDirectBuffer.over(DIGITS), 0, 3);
            assertEquals("56012", sealedText(buffer));
        }
    }

    @Test
    void shouldWriteEverySourceAtAnIndex() {
        try (SendBuffer source = pool.acquire(16).putBytes(DIGITS).seal();
                SendBuffer buffer = pool.acquire(16)) {
            ByteBuffer bytes = ByteBuffer.wrap(DIGITS, 6, 2);
            buffer.putBytes(8, DIGITS, 8, 2)
                    .putBytes(6, bytes)
                    .putBytes(3, source, 3, 3)
                    .putBytes(0, ArrayDirectBuffer.over(DIGITS), 0, 3);
            assertEquals(8, bytes.position());
            assertEquals(0, buffer.length(), "absolute writes moved the position of relative writes");
            buffer.seal(10);
            assertEquals("0123456789", buffer.getUtf8(0, 10));
        }
    }

    @Test
    void shouldGiveBytesToEveryTarget() {
        try (SendBuffer buffer = pool.acquire(16).putBytes(DIGITS).seal()) {
            byte[] array = new byte[5];
            buffer.getBytes(2, array, 1, 3);
            assertArrayEquals(new byte[] {0, '2', '3', '4', 0}, array);

            ByteBuffer target = ByteBuffer.allocate(5).position(1);
            buffer.getBytes(5, target, 3);
            assertEquals(4, target.position());
            assertArrayEquals(new byte[] {0, '5', '6', '7', 0}, target.array());

            byte[] behindAgrona = new byte[5];
            buffer.getBytes(7, ArrayDirectBuffer.over(behindAgrona), 2, 3);
            assertArrayEquals(new byte[] {0, 0, '7', '8', '9'}, behindAgrona);
        }
    }

    @Test
    void shouldChangeNothingWhenTheSourceIsTooShort() {
        try (SendBuffer source = pool.acquire(4).putInt(1).seal();
                SendBuffer buffer = pool.acquire(16).putBytes(DIGITS)) {
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(DIGITS, 8, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(DIGITS, -1, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(DIGITS, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(source, 2, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(source, Integer.MAX_VALUE, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putBytes(ArrayDirectBuffer.over(DIGITS), 8, 3));
            assertEquals("0123456789", sealedText(buffer));
        }
    }

    @Test
    void shouldChangeNothingWhenTheTargetIsTooShort() {
        try (SendBuffer buffer = pool.acquire(16).putBytes(DIGITS).seal()) {
            byte[] array = new byte[3];
            ByteBuffer target = ByteBuffer.wrap(array);
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.getBytes(0, array, 1, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.getBytes(0, target, 4));
            assertEquals(0, target.position());
            assertArrayEquals(new byte[3], array);
        }
    }

    @Test
    void shouldViewTheSealedBytesReadOnlyAndInTheirOrder() {
        try (SendBuffer buffer = pool.acquire(64).order(ByteOrder.LITTLE_ENDIAN).putInt(258)) {
            Exception e = assertThrows(IllegalStateException.class, buffer::asReadOnlyByteBuffer);
            assertSays(e, "call seal()");
            ByteBuffer view = buffer.seal().asReadOnlyByteBuffer();
            assertEquals(4, view.capacity(), "the view shows more than the message");
            assertEquals(258, view.getInt());
            assertTrue(view.isReadOnly());
            assertThrows(ReadOnlyBufferException.class, () -> view.put(0, (byte) 1));
            assertEquals(4, buffer.asReadOnlyByteBuffer().remaining(), "one view moved another");
        }
    }

    @Test
    void shouldCarryALargeMessageUnchanged() {
        byte[] large = new byte[3 << 20];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) ((i * 31) >>> 8);
        }
        try (SendBuffer buffer = pool.acquire(large.length).putBytes(large).seal()) {
            byte[] read = new byte[large.length];
            buffer.getBytes(0, read, 0, read.length);
            assertArrayEquals(large, read);
        }
    }

    private static String sealedText(SendBuffer buffer) {
        buffer.seal();
        return buffer.getUtf8(0, buffer.length());
    }
}
