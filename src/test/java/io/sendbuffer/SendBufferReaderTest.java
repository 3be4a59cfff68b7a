/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class SendBufferReaderTest {
    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldStartAtTheBeginningOfEachBufferThatItIsWrappedAround() {
        try (SendBuffer first = pool.acquire(8).putInt(1).putInt(2).seal();
                SendBuffer second = pool.acquire(2).putShort((short) 3).seal()) {
            SendBufferReader reader = new SendBufferReader(first);
            assertEquals(1, reader.getInt());
            reader.wrap(second);
            assertEquals(0, reader.position());
            assertEquals(2, reader.remaining());
            assertEquals(3, reader.getShort());
            assertEquals(0, reader.remaining());
        }
    }

    @Test
    void shouldReadInAnotherOrderThanTheBuffersUntilTheNextWrap() {
        try (SendBuffer buffer =
                pool.acquire(Long.BYTES).putLong(0x0102030405060708L).seal()) {
            SendBufferReader reader = new SendBufferReader(buffer).order(ByteOrder.LITTLE_ENDIAN);
            assertEquals(0x0807060504030201L, reader.getLong());
            assertEquals(0x04030201, reader.position(0).getInt());
            assertEquals(0x0201, reader.position(0).getShort());
            assertEquals(
                    0x0102030405060708L,
                    reader.order(ByteOrder.BIG_ENDIAN).position(0).getLong());
            assertEquals(
                    0x0102030405060708L,
                    reader.order(ByteOrder.LITTLE_ENDIAN).wrap(buffer).getLong());
        }
    }

    @Test
    void shouldTakeOverTheOrderOfTheBuffer() {
        try (SendBuffer buffer =
                pool.acquire(4).order(ByteOrder.LITTLE_ENDIAN).putInt(77).seal()) {
            assertEquals(77, new SendBufferReader(buffer).getInt());
            assertEquals(
                    77,
                    new SendBufferReader(buffer).order(ByteOrder.LITTLE_ENDIAN).getInt());
            assertEquals(
                    Integer.reverseBytes(77),
                    new SendBufferReader(buffer).order(ByteOrder.BIG_ENDIAN).getInt());
        }
    }

    @Test
    void shouldReadBytesAndTextOneAfterTheOther() {
        try (SendBuffer buffer = pool.acquire(32).putUtf8("ab\u00e9defg").seal()) {
            SendBufferReader reader = new SendBufferReader(buffer);
            assertEquals("ab\u00e9", reader.getUtf8(4));
            byte[] two = new byte[4];
            reader.getBytes(two, 1, 2);
            assertArrayEquals(new byte[] {0, 'd', 'e', 0}, two);
            ByteBuffer rest = ByteBuffer.allocate(5).position(1);
            reader.getBytes(rest, 2);
            assertEquals(3, rest.position(), "the target's position did not move with the bytes");
            assertArrayEquals(new byte[] {0, 'f', 'g', 0, 0}, rest.array());
            assertEquals(0, reader.remaining());
        }
    }

    @Test
    void shouldStayInPlaceWhenABulkReadDoesNotFit() {
        try (SendBuffer buffer = pool.acquire(8).putLong(5).seal()) {
            SendBufferReader reader = new SendBufferReader(buffer).position(5);
            assertThrows(IndexOutOfBoundsException.class, () -> reader.getBytes(new byte[9], 0, 4));
            assertThrows(IndexOutOfBoundsException.class, () -> reader.getBytes(new byte[2], 0, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> reader.getBytes(ByteBuffer.allocate(9), 4));
            assertThrows(IndexOutOfBoundsException.class, () -> reader.getBytes(ByteBuffer.allocate(2), 3));
            assertThrows(IndexOutOfBoundsException.class, () -> reader.getUtf8(4));
            assertEquals(5, reader.position());
            assertEquals(3, reader.remaining());
        }
    }

    @Test
    void shouldRefuseAPlaceOutsideOfTheMessage() {
        try (SendBuffer buffer = pool.acquire(64).putInt(5).seal()) {
            SendBufferReader reader = new SendBufferReader(buffer);
            for (int outside : new int[] {-1, 5, 64, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThrows(IndexOutOfBoundsException.class, () -> reader.position(outside), () -> "" + outside);
            }
            assertEquals(0, reader.position());
            assertEquals(0, reader.position(4).remaining());
        }
    }

    @Test
    void shouldRefuseABufferThatIsNotSealed() {
        try (SendBuffer buffer = pool.acquire(64).putInt(5)) {
            Exception e = assertThrows(IllegalStateException.class, () -> new SendBufferReader(buffer));
            assertSays(e, "call seal()");
        }
    }

    @Test
    void shouldThrowWhenTheBufferIsReleasedUnderIt() {
        SendBuffer buffer = pool.acquire(64).putInt(5).seal();
        SendBufferReader reader = new SendBufferReader(buffer);
        buffer.release();
        Exception e = assertThrows(IllegalStateException.class, reader::getInt);
        assertSays(e, "released");
    }
}
