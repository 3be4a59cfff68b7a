/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Peers that send what is no frame, handlers that throw, pools that are full. */
class HostileFramesTest {
    private static final int CHUNK = 1 << 10;
    private static final byte[] NOTHING = {};

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(2_000 * CHUNK).build());
    private final List<byte[]> frames = new ArrayList<>();

    private void add(ByteBuffer frame) {
        frames.add(Wire.bytes(frame));
    }

    private void requireError(Reason reason, FrameFormat format, byte[] stream, String... phrases) {
        for (boolean byteByByte : new boolean[] {false, true}) {
            FrameReader reader = format.reader(pool, this::add);
            FrameException e = assertThrows(FrameException.class, () -> read(reader, stream, byteByByte));
            assertEquals(reason, e.reason(), e::getMessage);
            assertSays(e, phrases);
            assertEquals(0, pool.stats().outstandingBuffers(), "memory for what is no frame");
            assertSays(
                    assertThrows(IllegalStateException.class, () -> reader.read(ByteBuffer.allocate(1))),
                    "close the connection");
            assertThrows(IllegalStateException.class, reader::end);
            reader.close();
        }
        assertEquals(0, frames.size());
    }

    private static void read(FrameReader reader, byte[] stream, boolean byteByByte) {
        for (int i = 0; byteByByte && i < stream.length; i++) {
            reader.read(ByteBuffer.wrap(stream, i, 1));
        }
        if (!byteByByte) {
            reader.read(ByteBuffer.wrap(stream));
        }
    }

    @Test
    void shouldRefuseLengthsThatNoFrameMayHave() {
        for (int width = 1; width <= 8; width++) {
            LengthFormat format = FrameFormat.lengthField(width).maxLength(100);
            long max = -1L >>> (Long.SIZE - Byte.SIZE * width);
            for (long length : new long[] {101, max, max >>> 1, (max >>> 1) + 1, max - 100}) {
                byte[] big = Wire.big(width, length, NOTHING);
                requireError(Reason.TOO_LONG, format, big, Long.toUnsignedString(length), "maxLength");
                requireError(Reason.TOO_LONG, format.littleEndian(), Wire.little(width, length, NOTHING));
                requireError(Reason.TOO_LONG, format.adjustedBy(1 << 30), big);
            }
            requireError(Reason.INVALID_LENGTH, format.adjustedBy(-(1 << 30)), Wire.big(width, 101, NOTHING));
            for (int length = 0; length < width; length++) {
                requireError(
                        Reason.INVALID_LENGTH, format.countsWholeFrame(), Wire.big(width, length, NOTHING), "header");
            }
        }
        requireError(Reason.INVALID_LENGTH, FrameFormat.lengthField(1).adjustedBy(-1), new byte[1]);
        requireError(Reason.INVALID_LENGTH, FrameFormat.lengthField(1).at(2).countsWholeFrame(), new byte[] {0, 0, 2});
    }

    @Test
    void shouldRefuseVarintsThatNoFrameMayHave() {
        LengthFormat format = FrameFormat.varint().maxLength(100);
        for (long length : new long[] {101, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            requireError(Reason.TOO_LONG, format, Wire.varint(length), Long.toUnsignedString(length));
        }
        byte[] endless = new byte[10];
        Arrays.fill(endless, (byte) 0x80);
        requireError(Reason.INVALID_LENGTH, format, endless, "ten bytes");
        endless[9] = 2;
        requireError(Reason.INVALID_LENGTH, format, endless, "64 bits");
        endless[9] = 0; // ten bytes for nothing are a length of 0
        format.reader(pool, this::add).read(ByteBuffer.wrap(endless));
        assertEquals(1, frames.size());
    }

    @Test
    void shouldTakeTheLongestFrameAndNoLongerOne() {
        byte[] longest = new byte[100];
        for (Wire wire : Wire.all()) {
            FrameFormat format = wire.format().maxLength(100);
            for (boolean byteByByte : new boolean[] {false, true}) {
                read(format.reader(pool, this::add), wire.encoding().encode(longest), byteByByte);
                assertEquals(1, frames.size(), wire::name);
                assertArrayEquals(wire.contentOf(longest), frames.remove(0), wire::name);
            }
            requireError(Reason.TOO_LONG, format, wire.encoding().encode(new byte[101]));
            requireError(
                    Reason.TOO_LONG, wire.format().maxLength(0), wire.encoding().encode(new byte[1]));
        }
    }

    @Test
    void shouldFindOutBeforeTheDelimiterThatAFrameIsTooLong() {
        byte[] endless = "a".repeat(200).getBytes(StandardCharsets.US_ASCII);
        requireError(Reason.TOO_LONG, FrameFormat.lines().maxLength(100), endless, "or more");
        requireError(
                Reason.TOO_LONG, FrameFormat.delimiter((byte) 'a', (byte) 'b').maxLength(100), endless);
        FrameReader reader = FrameFormat.lines().maxLength(3).reader(pool, this::add);
        reader.read(ByteBuffer.wrap(new byte[] {'a', 'b', 'c', '\r'}));
        assertThrows(FrameException.class, () -> reader.read(ByteBuffer.wrap(new byte[] {'d'})));
    }

    @Test
    void shouldTakeMemoryForWhatHasComeAndNotForWhatIsAnnounced() {
        int readers = 500;
        List<FrameReader> all = new ArrayList<>();
        for (int i = 0; i < readers; i++) {
            FrameReader reader = FrameFormat.lengthField(4).maxLength(1 << 30).reader(pool, this::add);
            reader.read(ByteBuffer.wrap(new byte[] {0x3F, 0, 0, 0, 1, 2, 3}));
            all.add(reader);
        }
        assertTrue(
                pool.stats().pinnedBytes() <= readers * 256L, () -> pool.stats().toString());
        all.get(0).read(ByteBuffer.allocate(50_000));
        assertTrue(
                pool.stats().pinnedBytes() <= readers * 256L + 120_000,
                () -> pool.stats().toString());
        all.forEach(FrameReader::close);
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldGoOnBehindAFrameWhoseHandlerThrew() {
        IllegalStateException failure = new IllegalStateException("the handler");
        List<String> seen = new ArrayList<>();
        Consumer<ByteBuffer> handler = frame -> {
            String text = StandardCharsets.US_ASCII.decode(frame).toString();
            seen.add(text);
            if (text.startsWith("bad")) {
                throw failure;
            }
        };
        byte[] stream = "one\nbad1\ntwo\nbad2\nthree\n".getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut <= stream.length; cut++) {
            FrameReader reader = FrameFormat.lines().reader(pool, handler);
            int failures = readAll(reader, ByteBuffer.wrap(stream, 0, cut), failure)
                    + readAll(reader, ByteBuffer.wrap(stream, cut, stream.length - cut), failure);
            assertEquals(2, failures);
            assertEquals(List.of("one", "bad1", "two", "bad2", "three"), seen, "cut at " + cut);
            assertEquals(0, pool.stats().outstandingBuffers());
            seen.clear();
        }
    }

    private static int readAll(FrameReader reader, ByteBuffer input, RuntimeException failure) {
        int failures = 0;
        int limit = input.limit();
        while (input.hasRemaining()) {
            try {
                reader.read(input);
            } catch (IllegalStateException e) {
                assertSame(failure, e);
                failures++;
            }
            assertEquals(limit, input.limit());
        }
        return failures;
    }

    @Test
    void shouldRefuseToReadWithinItsHandler() {
        FrameReader[] reader = new FrameReader[1];
        int[] refused = {0};
        reader[0] = FrameFormat.fixed(2).reader(pool, frame -> {
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> reader[0].read(frame));
            assertSays(e, "must not read");
            assertThrows(IllegalStateException.class, () -> reader[0].end());
            assertEquals(2, frame.remaining(), "the frame was read");
            refused[0]++;
            add(frame);
        });
        reader[0].read(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        reader[0].read(ByteBuffer.wrap(new byte[] {4, 5, 6}));
        assertEquals(3, refused[0]);
        assertArrayEquals(new byte[] {3, 4}, frames.get(1));
    }

    @Test
    void shouldHandOverNothingOnceItsHandlerHasClosedIt() {
        for (int cut = 0; cut <= 3; cut++) {
            FrameReader[] reader = new FrameReader[1];
            reader[0] = FrameFormat.fixed(1).reader(pool, frame -> {
                add(frame);
                reader[0].close();
            });
            reader[0].read(ByteBuffer.wrap(new byte[3]));
            assertEquals(1, frames.size());
            assertSays(
                    assertThrows(IllegalStateException.class, () -> reader[0].read(ByteBuffer.allocate(1))), "closed");
            reader[0].close();
            frames.clear();
        }
        FrameReader cut = FrameFormat.fixed(5).reader(pool, this::add);
        cut.read(ByteBuffer.allocate(3));
        assertEquals(1, pool.stats().outstandingBuffers());
        cut.close();
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldLeaveOutWhatIsTooLongAndGoOnBehindIt() {
        for (Wire wire : Wire.all()) {
            byte[] stream = wire.encoded(List.of(new byte[] {1}, new byte[50], new byte[100], new byte[] {0, 1}));
            for (int first = 0; first <= stream.length; first += 1 + first / 30) {
                int[] tooLong = {0};
                FrameReader reader =
                        wire.format().maxLength(49).reader(pool, this::add).skipTooLong(() -> tooLong[0]++);
                reader.read(ByteBuffer.wrap(stream, 0, first));
                reader.read(ByteBuffer.wrap(stream, first, stream.length - first));
                String hint = wire + " cut at " + first;
                assertEquals(2, tooLong[0], hint);
                assertEquals(2, frames.size(), hint);
                assertArrayEquals(wire.contentOf(new byte[] {0, 1}), frames.get(1), hint);
                assertEquals(0, pool.stats().outstandingBuffers());
                reader.end();
                frames.clear();
            }
        }
    }

    @Test
    void shouldLeaveOutALastFrameThatIsTooLongOnce() {
        int[] tooLong = {0};
        for (String last : List.of("1234567890", "12345678", "12345678\r")) {
            FrameReader reader =
                    FrameFormat.lines().maxLength(7).reader(pool, this::add).skipTooLong(() -> tooLong[0]++);
            for (byte b : last.getBytes(StandardCharsets.US_ASCII)) {
                reader.read(ByteBuffer.wrap(new byte[] {b}));
            }
            reader.end();
            assertEquals(1, tooLong[0], last);
            tooLong[0] = 0;
        }
        assertEquals(0, frames.size());
    }

    @Test
    void shouldStayUsableWhenTheHandlerOfWhatIsTooLongThrowsOrCloses() {
        FrameReader throwing = FrameFormat.lines()
                .maxLength(1)
                .reader(pool, this::add)
                .skipTooLong(() -> {
                    throw new IllegalStateException("the handler");
                });
        ByteBuffer input = ByteBuffer.wrap("ab\nc\nde".getBytes(StandardCharsets.US_ASCII));
        assertSays(assertThrows(IllegalStateException.class, () -> throwing.read(input)), "the handler");
        assertEquals(3, input.position());
        assertThrows(IllegalStateException.class, () -> throwing.read(input));
        throwing.read(ByteBuffer.wrap("f\ng\n".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(2, frames.size());
        FrameReader[] closing = new FrameReader[1];
        closing[0] = FrameFormat.lines().maxLength(1).reader(pool, this::add).skipTooLong(() -> closing[0].close());
        closing[0].read(ByteBuffer.wrap("ab\nc\n".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(2, frames.size());
    }

    @Test
    void shouldReportAFullPoolAndKeepNothing() {
        List<SendBuffer> all = new ArrayList<>();
        FrameReader begun = FrameFormat.fixed(1_000).reader(pool, this::add);
        begun.read(ByteBuffer.allocate(256));
        SendBuffer taken;
        while ((taken = pool.tryAcquire(CHUNK)) != null) {
            all.add(taken);
        }
        while ((taken = pool.tryAcquire(1)) != null) {
            all.add(taken);
        }
        long outstanding = pool.stats().outstandingBuffers();
        FrameReader fresh = FrameFormat.fixed(2).reader(pool, this::add);
        fresh.read(ByteBuffer.wrap(new byte[] {1, 2, 3, 4})); // in place: it needs no memory
        assertThrows(PoolExhaustedException.class, () -> fresh.read(ByteBuffer.allocate(1)));
        assertThrows(IllegalStateException.class, () -> fresh.read(ByteBuffer.allocate(1)));
        assertThrows(PoolExhaustedException.class, () -> begun.read(ByteBuffer.allocate(500)));
        assertEquals(outstanding - 1, pool.stats().outstandingBuffers());
        all.forEach(SendBuffer::release);
        assertEquals(2, frames.size());
    }

    @Test
    void shouldRefuseFormatsThatMakeNoSense() {
        for (Runnable wrong : List.<Runnable>of(
                () -> FrameFormat.lengthField(0),
                () -> FrameFormat.lengthField(9),
                () -> FrameFormat.lengthField(4).at(-1),
                () -> FrameFormat.lengthField(4).at(256),
                () -> FrameFormat.lengthField(4).adjustedBy(Integer.MIN_VALUE),
                () -> FrameFormat.lines().maxLength(-1),
                () -> FrameFormat.lines().maxLength(Integer.MAX_VALUE),
                () -> FrameFormat.delimiter(),
                () -> FrameFormat.delimiter(new byte[257]),
                () -> FrameFormat.fixed(Integer.MAX_VALUE))) {
            assertThrows(IllegalArgumentException.class, wrong::run);
        }
    }
}
