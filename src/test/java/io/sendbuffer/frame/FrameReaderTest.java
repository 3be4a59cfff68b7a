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

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same frames come out, however the input was cut. */
class FrameReaderTest {
    private static final int RANDOM_STREAMS = 200;

    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().chunkSize(1 << 10).build());
    private final List<byte[]> frames = new ArrayList<>();

    private void add(ByteBuffer frame) {
        frames.add(Wire.bytes(frame));
    }

    static List<Wire> wires() {
        return Wire.all();
    }

    private void requireFrames(Wire wire, List<byte[]> contents, String hint) {
        assertEquals(contents.size(), frames.size(), wire + hint);
        for (int i = 0; i < contents.size(); i++) {
            byte[] expected =
                    wire.format().whole ? wire.encoding().encode(contents.get(i)) : wire.contentOf(contents.get(i));
            assertArrayEquals(expected, frames.get(i), "frame " + i + " of " + wire + hint);
        }
        assertEquals(0, pool.stats().outstandingBuffers(), hint);
        frames.clear();
    }

    private static void read(FrameReader reader, byte[] stream, int from, int to) {
        ByteBuffer input = ByteBuffer.wrap(stream, from, to - from);
        reader.read(input);
        assertEquals(to, input.position());
        assertEquals(to, input.limit());
    }

    private static Wire whole(Wire wire) {
        return new Wire("whole, " + wire, wire.format().whole(), wire.encoding());
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldFindTheSameFramesWhereverTheInputIsCut(Wire wire) {
        List<byte[]> contents = List.of(new byte[] {1, 2, 3}, new byte[0], new byte[0], new byte[] {4}, new byte[30]);
        for (Wire each : List.of(wire, whole(wire))) {
            FrameReader reader = each.format().reader(pool, this::add);
            byte[] stream = each.encoded(contents);
            int step = stream.length < 100 ? 1 : 7;
            for (int first = 0; first <= stream.length; first++) {
                for (int second = first; second <= stream.length; second += step) {
                    read(reader, stream, 0, first);
                    read(reader, stream, first, second);
                    read(reader, stream, second, stream.length);
                    requireFrames(each, contents, " cut at " + first + " and " + second);
                    assertEquals(0, reader.pendingBytes());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldFindTheSameFramesByteByByte(Wire wire) {
        SplittableRandom random = new SplittableRandom(5);
        for (Wire each : List.of(wire, whole(wire))) {
            FrameReader reader = each.format().reader(pool, this::add);
            List<byte[]> contents = Wire.contents(random, 20, 60);
            byte[] stream = each.encoded(contents);
            for (int i = 0; i < stream.length; i++) {
                read(reader, stream, i, i + 1);
            }
            requireFrames(each, contents, "");
        }
    }

    @ParameterizedTest
    @MethodSource("wires")
    void shouldFindTheSameFramesWithRandomCuts(Wire wire) {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        int bound = wire.toString().endsWith(" 1") ? 250 : 5_000;
        for (int i = 0; i < RANDOM_STREAMS; i++) {
            Wire each = random.nextBoolean() ? wire : whole(wire);
            FrameReader reader = each.format().reader(pool, this::add);
            List<byte[]> contents = Wire.contents(random, 1 + random.nextInt(10), 1 + random.nextInt(bound));
            byte[] stream = each.encoded(contents);
            ByteBuffer bytes = random.nextBoolean()
                    ? ByteBuffer.wrap(stream)
                    : ByteBuffer.allocateDirect(stream.length)
                            .put(stream)
                            .flip()
                            .asReadOnlyBuffer();
            int most = 1 + random.nextInt(1 + stream.length);
            while (bytes.position() < stream.length) {
                bytes.limit(Math.min(stream.length, bytes.position() + random.nextInt(most + 1)));
                reader.read(bytes);
            }
            requireFrames(each, contents, TestSeed.hint(seed));
        }
    }

    @Test
    void shouldFindADelimiterWhereSearchInTextFindsIt() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 5_000; i++) {
            String delimiter = letters(random, 1 + random.nextInt(6));
            String text = letters(random, random.nextInt(60));
            List<String> expected = new ArrayList<>();
            int from = 0;
            for (int at; (at = text.indexOf(delimiter, from)) >= 0; from = at + delimiter.length()) {
                expected.add(text.substring(from, at));
            }
            List<String> found = new ArrayList<>();
            FrameReader reader = FrameFormat.delimiter(delimiter.getBytes(StandardCharsets.US_ASCII))
                    .reader(
                            pool,
                            frame -> found.add(
                                    StandardCharsets.US_ASCII.decode(frame).toString()));
            byte[] stream = text.getBytes(StandardCharsets.US_ASCII);
            for (int at = 0, to; at < stream.length; at = to) {
                to = Math.min(stream.length, at + 1 + random.nextInt(10));
                read(reader, stream, at, to);
            }
            assertEquals(expected, found, delimiter + " in " + text + TestSeed.hint(seed));
            if (from < text.length()) {
                reader.end();
                assertEquals(text.substring(from), found.get(found.size() - 1), TestSeed.hint(seed));
            }
        }
    }

    private static String letters(SplittableRandom random, int length) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < length; i++) {
            letters.append((char) ('a' + random.nextInt(2)));
        }
        return letters.toString();
    }

    @Test
    void shouldHandOverFramesOfOneLength() {
        FrameReader reader = FrameFormat.fixed(3).reader(pool, this::add);
        byte[] stream = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        for (int first = 0; first <= 9; first++) {
            read(reader, stream, 0, first);
            assertEquals(first % 3, reader.pendingBytes());
            read(reader, stream, first, 9);
            assertEquals(3, frames.size());
            assertArrayEquals(new byte[] {4, 5, 6}, frames.get(1));
            frames.clear();
        }
        assertThrows(IllegalArgumentException.class, () -> FrameFormat.fixed(0));
        FrameFormat.fixed(3).maxLength(1).whole().reader(pool, this::add).read(ByteBuffer.wrap(stream));
        assertEquals(3, frames.size(), "the maximum is their length");
    }

    @Test
    void shouldEndALineWithLfOrCrLfAndKeepEveryOtherCr() {
        List<String> lines = new ArrayList<>();
        byte[] stream = "a\r\n\r\n\n\rb\nc\rd\r\r\ne\r".getBytes(StandardCharsets.US_ASCII);
        for (int first = 0; first <= stream.length; first++) {
            FrameReader reader = FrameFormat.lines()
                    .maxLength(4)
                    .reader(
                            pool,
                            line -> lines.add(
                                    StandardCharsets.US_ASCII.decode(line).toString()));
            read(reader, stream, 0, first);
            read(reader, stream, first, stream.length);
            reader.end();
            assertEquals(List.of("a", "", "", "\rb", "c\rd\r", "e"), lines, "cut at " + first);
            lines.clear();
        }
    }

    @Test
    void shouldHandOverInPlaceWhatLiesWhole() {
        ByteBuffer input = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> positions = new ArrayList<>();
        FrameReader reader = FrameFormat.lengthField(1).reader(pool, frame -> {
            assertSame(input, frame, "a copy was made");
            assertEquals(ByteOrder.BIG_ENDIAN, frame.order());
            positions.add(frame.position());
            positions.add(frame.limit());
            frame.clear().order(ByteOrder.LITTLE_ENDIAN); // as a careless handler does
        });
        input.put(new byte[] {99, 2, 1, 1, 0, 3, 1, 1, 1, 99}).position(1).limit(9);
        reader.read(input);
        assertEquals(List.of(2, 4, 5, 5, 6, 9), positions);
        assertEquals(9, input.position());
        assertEquals(9, input.limit());
        assertEquals(ByteOrder.LITTLE_ENDIAN, input.order());
        assertEquals(0, pool.stats().reservedBytes(), "memory was taken");
    }

    @Test
    void shouldHandOverInPlaceWhatWasCutWithinItsHeaderOnly() {
        int[] count = {0};
        ByteBuffer input = ByteBuffer.wrap(new byte[] {0, 0, 0, 2, 7, 8});
        FrameReader reader = FrameFormat.lengthField(4).reader(pool, frame -> {
            assertSame(input, frame);
            assertEquals(7 << 8 | 8, frame.getShort());
            count[0]++;
        });
        for (int cut = 0; cut <= 4; cut++) {
            input.position(0).limit(cut);
            reader.read(input);
            input.limit(6);
            reader.read(input);
            assertEquals(cut + 1, count[0]);
        }
        assertEquals(0, pool.stats().reservedBytes(), "memory was taken for a header");
    }

    @Test
    void shouldReadCollectedFramesInTheOrderOfTheFormat() {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            boolean little = order == ByteOrder.LITTLE_ENDIAN;
            List<Integer> numbers = new ArrayList<>();
            LengthFormat format = FrameFormat.lengthField(1);
            FrameReader reader =
                    (little ? format.littleEndian() : format).reader(pool, frame -> numbers.add(frame.getInt()));
            byte[] stream = ByteBuffer.allocate(10)
                    .order(order)
                    .put((byte) 4)
                    .putInt(0x01020304)
                    .put((byte) 4)
                    .putInt(0x05060708)
                    .array();
            read(reader, stream, 0, 7);
            read(reader, stream, 7, 10);
            assertEquals(List.of(0x01020304, 0x05060708), numbers);
        }
    }

    @Test
    void shouldReportAnInputThatEndsWithinAFrameOrHandOverWhatHasNoDelimiter() {
        FrameReader none = FrameFormat.varint().reader(pool, this::add);
        none.end();
        none.read(ByteBuffer.wrap(new byte[] {1, 7}));
        none.end();
        assertEquals(1, frames.size());
        for (byte[] part : List.of(new byte[] {(byte) 0x80}, new byte[] {3}, new byte[] {3, 1, 2})) {
            FrameReader cut = FrameFormat.varint().reader(pool, this::add);
            cut.read(ByteBuffer.wrap(part));
            FrameException e = assertThrows(FrameException.class, cut::end);
            assertEquals(FrameException.Reason.TRUNCATED, e.reason());
            assertSays(e, "behind " + part.length + " bytes");
            assertEquals(0, pool.stats().outstandingBuffers(), "it keeps what it cannot use");
        }
        frames.clear();
        FrameReader lines = FrameFormat.delimiter((byte) ';').reader(pool, this::add);
        lines.read(ByteBuffer.wrap(new byte[] {'a', ';', 'b', 'c'}));
        lines.end();
        lines.end();
        assertEquals(2, frames.size());
        assertArrayEquals(new byte[] {'b', 'c'}, frames.get(1));
        assertTrue(lines.pendingBytes() == 0);
    }
}
