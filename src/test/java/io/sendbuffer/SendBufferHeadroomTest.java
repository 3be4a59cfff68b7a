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
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.Test;

/** Headers that are written when the payload is there, in front of it. */
class SendBufferHeadroomTest {
    private static final int CHUNK = 4_096;
    private static final int ROUNDS = 2_000;

    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().chunkSize(CHUNK).build());

    private static String text(SendBuffer message) {
        return message.getUtf8(0, message.length());
    }

    @Test
    void shouldSendTheHeaderThatWasPrependedAndNothingOfTheHeadroomThatWasNot() {
        try (SendBuffer message = pool.acquire(64).headroom(16).putAscii("payload")) {
            assertEquals(7, message.length(), "headroom does not count");
            assertEquals(64 - 16 - 7, message.remaining());
            message.prependAscii("\r\n").prependIntAscii(message.length() - 2).prependByte('$');
            assertEquals(11, message.length());
            assertEquals("$7\r\npayload", text(message.seal()));
            assertEquals(11, message.length());
            assertEquals(64, message.capacity());
        }
    }

    @Test
    void shouldPrependEveryTypeInTheOrderOfTheBuffer() {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            ByteBuffer expected = ByteBuffer.allocate(28).order(order);
            expected.put(new byte[] {1, 2, 3}).putLong(-4).putInt(5).putShort((short) -6);
            expected.put((byte) 7).put("-2147483648".getBytes(StandardCharsets.US_ASCII), 0, 10);
            try (SendBuffer message = pool.acquire(29).order(order).headroom(29)) {
                message.prependAscii("-214748364");
                message.prependByte(7).prependShort(-6).prependInt(5).prependLong(-4);
                message.prependBytes(new byte[] {1, 2, 3});
                byte[] bytes = new byte[28];
                message.seal().getBytes(0, bytes, 0, 28);
                assertArrayEquals(expected.array(), bytes);
            }
        }
    }

    @Test
    void shouldRefuseToPrependMoreThanTheHeadroomAndChangeNothing() {
        try (SendBuffer message = pool.acquire(64).headroom(3).putAscii("x")) {
            for (Runnable tooMuch : List.<Runnable>of(
                    () -> message.prependInt(1),
                    () -> message.prependLong(1),
                    () -> message.prependBytes(new byte[4]),
                    () -> message.prependAscii("four"),
                    () -> message.prependIntAscii(-100))) {
                Exception e = assertThrows(IndexOutOfBoundsException.class, tooMuch::run);
                assertSays(e, "call headroom");
            }
            assertEquals(1, message.length());
            message.prependShort('a' << 8 | 'b').prependByte('c');
            assertThrows(IndexOutOfBoundsException.class, () -> message.prependByte('d'));
            assertEquals("cabx", text(message.seal()));
        }
        try (SendBuffer without = pool.acquire(8).putAscii("x")) {
            assertThrows(IndexOutOfBoundsException.class, () -> without.prependByte('d'));
            assertEquals("x", text(without.seal()));
        }
    }

    @Test
    void shouldLeaveHeadroomOnceBeforeAnythingIsWritten() {
        try (SendBuffer message = pool.acquire(8)) {
            for (int bytes : new int[] {-1, 65_536, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                assertThrows(IllegalArgumentException.class, () -> message.headroom(bytes));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> message.headroom(9));
            message.headroom(0).headroom(8);
            assertThrows(IllegalStateException.class, () -> message.headroom(1));
            assertThrows(IndexOutOfBoundsException.class, () -> message.putByte(1));
            message.prependByte('y');
            assertEquals("y", text(message.seal()));
        }
        try (SendBuffer written = pool.acquire(8).putByte(1)) {
            assertThrows(IllegalStateException.class, () -> written.headroom(1));
        }
        try (SendBuffer largest = pool.acquire(65_535).headroom(65_535)) {
            assertEquals(0, largest.length());
            assertEquals(0, largest.seal().length());
        }
    }

    @Test
    void shouldSealAnyRangeOfTheCapacityAndNoOther() {
        int capacity = 5;
        for (int from = -1; from <= capacity + 1; from++) {
            for (int to = -1; to <= capacity + 1; to++) {
                try (SendBuffer message = pool.acquire(capacity).putAscii("abcde")) {
                    int begin = from;
                    int end = to;
                    if (from < 0 || to < from || to > capacity) {
                        Exception e = assertThrows(IndexOutOfBoundsException.class, () -> message.seal(begin, end));
                        assertSays(e, "[" + begin + ", " + end + ")");
                        assertFalse(message.isSealed());
                        assertEquals(capacity, message.length());
                    } else {
                        assertEquals("abcde".substring(from, to), text(message.seal(from, to)));
                    }
                }
            }
        }
        try (SendBuffer message = pool.acquire(capacity)) {
            assertThrows(IndexOutOfBoundsException.class, () -> message.seal(Integer.MAX_VALUE, Integer.MIN_VALUE));
            assertThrows(IndexOutOfBoundsException.class, () -> message.seal(-1, Integer.MAX_VALUE));
            assertThrows(IndexOutOfBoundsException.class, () -> message.seal(0, Integer.MAX_VALUE));
        }
    }

    @Test
    void shouldReadASealedRangeFromItsOwnStartAndNotBeyondItsEnd() {
        try (SendBuffer message = pool.acquire(32, 8).putAscii("ab").putLong(7).putAscii("yz")) {
            MutableDirectBuffer view = message.asMutableDirectBuffer();
            message.seal(2, 10);
            assertThrows(IndexOutOfBoundsException.class, () -> view.putByte(0, (byte) 1));
            assertEquals(7, message.getLong(0));
            assertThrows(IndexOutOfBoundsException.class, () -> message.getByte(-1));
            assertThrows(IndexOutOfBoundsException.class, () -> message.getByte(8));
            assertEquals(7, message.asReadOnlyByteBuffer().getLong());
            assertEquals(8, message.asDirectBuffer().capacity());
            assertEquals(7, new SendBufferReader(message).getLong());
        }
    }

    @Test
    void shouldGiveBackWhatLiesBehindTheMessageAndKeepWhatLiesInFront() {
        SendBuffer first = pool.acquire(1_000).putLong(1).seal(4, 8);
        assertEquals(8, pool.stats().inUseBytes());
        SendBuffer empty = pool.acquire(1_000).headroom(10).seal();
        assertEquals(8, pool.stats().inUseBytes(), "an empty message takes nothing");
        SendBuffer next = pool.acquire(8).putLong(2).seal();
        assertEquals(first.offset() + 4, next.offset());
        assertEquals(16, pool.stats().inUseBytes());
        SendBuffer notTheLast = pool.acquire(100).putLong(1);
        SendBuffer last = pool.acquire(8);
        notTheLast.seal(2, 6);
        assertEquals(16 + 108, pool.stats().inUseBytes());
        for (SendBuffer buffer : List.of(notTheLast, last, first, empty, next)) {
            buffer.release();
        }
        assertEquals(0, pool.stats().inUseBytes());
    }

    @Test
    void shouldMergeMessagesOfABatchWhereverTheyBegin() {
        try (SendBatch batch = new SendBatch()) {
            SendQueue queue = new SendQueue();
            for (String word : List.of("one", "two", "three")) {
                try (SendBuffer message = pool.acquire(100).headroom(2).putAscii(word)) {
                    batch.add(message.prependByte(':').prependByte('-').seal());
                }
            }
            try (SendBuffer apart = pool.acquire(100).headroom(2).putAscii("four")) {
                batch.add(apart.seal());
            }
            batch.seal();
            assertEquals(2, batch.checkedPieceCount());
            queue.offer(batch);
            assertEquals("-:one-:two-:threefour", written(queue));
        }
    }

    @Test
    void shouldWriteRandomRangesAsTheyWere() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        SendQueue queue = new SendQueue();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        List<SendBuffer> open = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            SendBuffer message = pool.acquire(bytes.length + random.nextInt(3)).putBytes(bytes);
            int from = random.nextInt(bytes.length + 1);
            int to = random.nextInt(from, bytes.length + 1);
            queue.offer(message.seal(from, to));
            expected.write(bytes, from, to - from);
            open.add(message);
        }
        open.forEach(SendBuffer::release);
        assertArrayEquals(expected.toByteArray(), bytesWritten(queue), TestSeed.hint(seed));
    }

    @Test
    void shouldMoveTheMessageAloneOutOfAnOldChunk() {
        SendQueue queue = new SendQueue();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            try (SendBuffer message = pool.acquire(200).headroom(100).putAscii("payload")) {
                queue.offer(message.prependIntAscii(i).seal());
            }
            expected.append(i).append("payload");
            pool.acquire(CHUNK - 200).release();
        }
        assertTrue(pool.evacuate() >= expected.length() - 20, "all but those in the current chunk");
        assertTrue(pool.stats().pinnedBytes() <= 3 * CHUNK, () -> pool.stats().toString());
        assertEquals(expected.toString(), written(queue));
    }

    private static String written(SendQueue queue) {
        return new String(bytesWritten(queue), StandardCharsets.UTF_8);
    }

    private static byte[] bytesWritten(SendQueue queue) {
        HostileChannel channel = HostileChannel.takingAll();
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        return channel.bytes();
    }
}
