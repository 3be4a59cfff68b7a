/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Messages that grow while they are written. */
class SendWriterTest {
    private static final int CHUNK = 4_096;
    private static final int MAX = 3 * CHUNK;
    private static final int ROUNDS = 3_000;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(64 * CHUNK).build());
    private final SendWriter writer = pool.writer(MAX);

    private static byte[] bytes(SendBuffer message) {
        byte[] bytes = new byte[message.length()];
        message.getBytes(0, bytes, 0, bytes.length);
        return bytes;
    }

    private static String sealed(SendWriter writer) {
        try (SendBuffer message = writer.seal()) {
            assertTrue(message.isSealed());
            assertEquals(1, message.referenceCount());
            return new String(bytes(message), StandardCharsets.UTF_8);
        }
    }

    @Test
    void shouldAppendEveryType() {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            writer.order(order);
            byte[] array = {1, 2, 3, 4};
            ByteBuffer source = ByteBuffer.wrap(array);
            try (SendBuffer other = pool.acquire(4).putBytes(array).seal()) {
                writer.putByte(-1)
                        .putShort(-2)
                        .putInt(-3)
                        .putLong(-4)
                        .putFloat(5.5f)
                        .putDouble(6.5);
                writer.putBytes(array).putBytes(array, 1, 2).putBytes(source).putBytes(source, 0, 1);
                writer.putBytes(other, 3, 1)
                        .putUtf8("h\u00e9")
                        .putAscii("\u00e9")
                        .putIntAscii(-7)
                        .putLongAscii(8);
            }
            assertEquals(0, source.remaining());
            ByteBuffer expected = ByteBuffer.allocate(100).order(order);
            expected.put((byte) -1)
                    .putShort((short) -2)
                    .putInt(-3)
                    .putLong(-4)
                    .putFloat(5.5f)
                    .putDouble(6.5);
            expected.put(array).put(array, 1, 2).put(array).put(array, 0, 1).put((byte) 4);
            expected.put("h\u00e9?-78".getBytes(StandardCharsets.UTF_8));
            try (SendBuffer message = writer.seal()) {
                assertEquals(order, message.order());
                assertEquals(expected.flip(), ByteBuffer.wrap(bytes(message)));
            }
        }
    }

    @Test
    void shouldKeepAllWhenItMovesToLargerBuffers() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < ROUNDS; round++) {
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            int headroom = random.nextInt(3) * random.nextInt(20);
            if (headroom > 0) {
                writer.headroom(headroom);
            }
            int length = random.nextInt(random.nextInt(1, MAX));
            while (expected.size() + headroom < length) {
                byte[] part = new byte[random.nextInt(1 + Math.min(500, length - headroom - expected.size()))];
                random.nextBytes(part);
                writer.putBytes(part);
                expected.writeBytes(part);
            }
            byte[] header = new byte[random.nextInt(headroom + 1)];
            writer.prependBytes(header);
            assertEquals(header.length + expected.size(), writer.length(), TestSeed.hint(seed));
            try (SendBuffer message = writer.seal()) {
                ByteArrayOutputStream whole = new ByteArrayOutputStream();
                whole.writeBytes(header);
                whole.writeBytes(expected.toByteArray());
                assertArrayEquals(whole.toByteArray(), bytes(message), TestSeed.hint(seed));
            }
            assertEquals(0, pool.stats().outstandingBuffers(), TestSeed.hint(seed));
        }
    }

    @Test
    void shouldPrependWithHeadroomAndMoveItToo() {
        writer.headroom(20).putAscii("x".repeat(1_000));
        int length = writer.length();
        writer.prependAscii("\r\n").prependIntAscii(length).prependByte('$').putAscii("y".repeat(1_000));
        assertEquals("$1000\r\n" + "x".repeat(1_000) + "y".repeat(1_000), sealed(writer));
        writer.headroom(15).prependLong(1).prependInt(2).prependShort(3).prependByte(4);
        try (SendBuffer message = writer.seal()) {
            assertArrayEquals(new byte[] {4, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1}, bytes(message));
        }
        writer.putByte(1);
        assertThrows(IllegalStateException.class, () -> writer.headroom(1));
        assertThrows(IndexOutOfBoundsException.class, () -> writer.prependByte(1));
        writer.clear();
    }

    @Test
    void shouldWriteOverWhatWasAppendedAndNothingElse() {
        assertThrows(IndexOutOfBoundsException.class, () -> writer.putByte(0, 1));
        writer.putInt(0)
                .putShort(0)
                .putByte(0)
                .putInt(0, 0x61626364)
                .putShort(4, 0x6566)
                .putByte(6, 0x67);
        for (int index : new int[] {-1, 4, 7, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> writer.putInt(index, 1));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> writer.putShort(6, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> writer.putByte(7, 1));
        assertEquals("abcdefg", sealed(writer));
    }

    @Test
    void shouldRefuseWhatIsLongerThanItsLimitAndKeepTheRest() {
        writer.putAscii("x".repeat(MAX - 3));
        for (Runnable tooMuch : List.<Runnable>of(
                () -> writer.putInt(1),
                () -> writer.putLong(1),
                () -> writer.putBytes(new byte[4]),
                () -> writer.putBytes(new byte[MAX]),
                () -> writer.putUtf8("\ud83d\ude00"),
                () -> writer.putAscii("four"),
                () -> writer.putLongAscii(Long.MIN_VALUE),
                () -> writer.putIntAscii(-100))) {
            Exception e = assertThrows(IndexOutOfBoundsException.class, tooMuch::run);
            assertSays(e, "the writer was made for " + MAX);
            assertEquals(MAX - 3, writer.length());
        }
        writer.putUtf8("\ud55c");
        assertEquals(MAX, writer.length());
        assertEquals("x".repeat(MAX - 3) + "\ud55c", sealed(writer));
        SendWriter small = pool.writer(1);
        assertEquals("y", sealed(small.putByte('y')));
        assertThrows(IndexOutOfBoundsException.class, () -> small.putShort(1));
        assertThrows(IllegalArgumentException.class, () -> pool.writer(0));
    }

    @Test
    void shouldRefusePartsThatAreNotThereBeforeItTakesMemory() {
        assertThrows(IndexOutOfBoundsException.class, () -> writer.putBytes(new byte[3], 2, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> writer.putBytes(new byte[3], 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> writer.putBytes(ByteBuffer.allocate(3), 1, 3));
        try (SendBuffer other = pool.acquire(3).putShort(1).seal()) {
            assertThrows(IndexOutOfBoundsException.class, () -> writer.putBytes(other, 0, 3));
            assertEquals(1, pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldLoseNothingWhereThePoolIsExhausted() {
        writer.putAscii("x".repeat(200));
        List<SendBuffer> all = new ArrayList<>();
        SendBuffer taken;
        while ((taken = pool.tryAcquire(CHUNK)) != null) {
            all.add(taken);
        }
        while ((taken = pool.tryAcquire(1)) != null) {
            all.add(taken);
        }
        assertThrows(PoolExhaustedException.class, () -> writer.putBytes(new byte[CHUNK]));
        assertThrows(PoolExhaustedException.class, () -> pool.writer(10).putByte(1));
        assertEquals(200, writer.length());
        writer.putAscii("still fits");
        all.forEach(SendBuffer::release);
        writer.putAscii("y".repeat(CHUNK));
        assertEquals("x".repeat(200) + "still fits" + "y".repeat(CHUNK), sealed(writer));
    }

    @Test
    void shouldTakeWhatIsNeededWhereThereIsNoRoomForMore() {
        SendBufferPool tight = Pools.track(
                SendBufferPool.builder().chunkSize(CHUNK).maxMemory(CHUNK).build());
        SendWriter growing = tight.writer(MAX);
        for (int i = 0; i < 10; i++) {
            growing.putAscii("x".repeat(120));
        }
        assertEquals("x".repeat(1_200), sealed(growing));
    }

    @Test
    void shouldHoldNothingWhenItIsEmpty() {
        assertEquals(0, writer.length());
        assertEquals(0, pool.stats().reservedBytes(), "memory before the first append");
        assertEquals("", sealed(writer));
        writer.putByte(1).clear();
        writer.clear();
        assertEquals(0, writer.length());
        try (SendWriter closed = writer.putAscii("abandoned")) {
            assertEquals(9, closed.length());
        }
        assertEquals(0, pool.stats().outstandingBuffers());
        assertEquals("again", sealed(writer.putAscii("again")));
    }

    @Test
    void shouldKeepNoMoreThanTheMessageTakes() {
        try (SendBuffer message = writer.putAscii("x".repeat(300)).seal()) {
            assertEquals(300, pool.stats().inUseBytes());
            assertEquals(300, message.length());
        }
        sealed(writer.putAscii("x".repeat(MAX)));
        writer.putByte(1);
        assertTrue(pool.stats().inUseBytes() <= CHUNK / 8, () -> pool.stats().toString());
        writer.clear();
    }

    @Test
    void shouldTakeNoChunkOfItsOwnBeforeItMust() {
        for (int length = 100; length < CHUNK; length += 100) {
            writer.putAscii("x".repeat(100));
        }
        assertTrue(pool.stats().inUseBytes() <= CHUNK);
        try (SendBuffer message = writer.seal()) {
            assertFalse(message.chunk().forOneBuffer);
        }
    }

    @Test
    void shouldLoseNothingWhereTheStackEnds() throws InterruptedException {
        byte[] part = new byte[100];
        int overflows = 0;
        for (int i = 0; i < 12; i++) {
            SendWriter deep = pool.writer(MAX).putByte(1);
            int[] appended = {1};
            StackSweep sweep = new StackSweep(level -> {
                deep.putBytes(part);
                appended[0] += part.length;
            });
            overflows += sweep.run(i % 2 == 0);
            assertEquals(appended[0], deep.length());
            deep.clear();
            assertEquals(0, pool.stats().outstandingBuffers(), "a buffer was lost on the move");
        }
        assertTrue(overflows > 12);
    }

    @Test
    void shouldReportAClosedPool() {
        SendBufferPool closed = Pools.create();
        SendWriter late = closed.writer(100);
        closed.close();
        assertThrows(IllegalStateException.class, () -> late.putByte(1));
        assertThrows(IllegalStateException.class, late::seal);
        assertEquals(0, late.length());
    }
}
