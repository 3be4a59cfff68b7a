/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lines that say how long the body behind them is, however the input was cut. */
class ExpectedFramesTest {
    private static final String STREAM = "a\r\n3\r\nx\ny1\n\nb\n10\n0123456789c\n1\n\n\n";
    private static final List<String> FRAMES =
            List.of("a", "3", "x\ny", "1", "\n", "b", "10", "0123456789", "c", "1", "\n", "");

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(1 << 20).build());
    private final List<String> frames = new ArrayList<>();
    private final FrameFormat format = FrameFormat.lines().maxLength(10);
    private FrameReader reader = newReader(format);

    private FrameReader newReader(FrameFormat of) {
        frames.clear();
        return of.reader(pool, this::onFrame);
    }

    @AfterEach
    void close() {
        reader.close();
    }

    private void onFrame(ByteBuffer frame) {
        String text = StandardCharsets.US_ASCII.decode(frame).toString();
        boolean isBody = !frames.isEmpty() && isLength(frames.get(frames.size() - 1));
        frames.add(text);
        if (!isBody && isLength(text)) {
            reader.expect(Integer.parseInt(text.strip()));
        }
    }

    private static boolean isLength(String text) {
        return text.strip().matches("[0-9]{1,3}") && !text.equals("0123456789");
    }

    private void read(String text) {
        reader.read(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void shouldHandOverBodiesHoweverTheyWereCut() {
        for (int first = 0; first <= STREAM.length(); first++) {
            for (int second = first; second <= STREAM.length(); second++) {
                reader = newReader(format);
                read(STREAM.substring(0, first));
                read(STREAM.substring(first, second));
                read(STREAM.substring(second));
                assertEquals(FRAMES, frames, "cut at " + first + " and " + second);
                assertEquals(0, pool.stats().outstandingBuffers());
            }
        }
        reader = newReader(format);
        for (int i = 0; i < STREAM.length(); i++) {
            read(STREAM.substring(i, i + 1));
        }
        assertEquals(FRAMES, frames);
        reader.end();
    }

    @Test
    void shouldHandOverBodiesBetweenWholeFramesAndFramesWithALength() {
        reader = newReader(format.whole());
        read("3\r\nx\nyz\n");
        assertEquals(List.of("3\r\n", "x\ny", "z\n"), frames);
        reader = newReader(FrameFormat.lengthField(1));
        read("\0012abc\001d");
        assertEquals(List.of("2", "ab"), frames, "then a frame of 99 bytes");
    }

    @Test
    void shouldRefuseABodyThatIsTooLongBeforeItTakesMemory() {
        FrameException e = assertThrows(FrameException.class, () -> read("11\n"));
        assertEquals(Reason.TOO_LONG, e.reason());
        assertSays(e, "11", "maxLength");
        assertThrows(IllegalStateException.class, () -> read("0"));
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldLeaveOutABodyThatIsTooLongWhereThatIsWanted() {
        for (int cut = 0; cut <= 18; cut++) {
            int[] tooLong = {0};
            reader = newReader(format).skipTooLong(() -> {
                tooLong[0]++;
                frames.add("too long");
            });
            String text = "12\n0123456789\n\nab\n";
            read(text.substring(0, cut));
            read(text.substring(cut));
            assertEquals(List.of("12", "too long", "ab"), frames, "cut at " + cut);
            assertEquals(1, tooLong[0]);
            assertEquals(0, pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldFailIfTheInputEndsBeforeABody() {
        for (String text : List.of("3\n", "3\na", "3\n\n\n", "3")) {
            reader = newReader(format);
            read(text);
            FrameException e = assertThrows(FrameException.class, reader::end);
            assertEquals(Reason.TRUNCATED, e.reason());
            assertEquals(0, pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldRefuseToExpectWithinAFrame() {
        assertThrows(IllegalArgumentException.class, () -> reader.expect(0));
        reader.expect(2);
        assertSays(assertThrows(IllegalStateException.class, () -> reader.expect(2)), "begun");
        read("\n");
        assertThrows(IllegalStateException.class, () -> reader.expect(2));
        read("\na");
        assertEquals(List.of("\n\n"), frames);
        assertThrows(IllegalStateException.class, () -> reader.expect(1));
    }
}
