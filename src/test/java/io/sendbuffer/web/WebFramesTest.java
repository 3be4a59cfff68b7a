/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a server sends: frames, their deflated variants, and events. */
class WebFramesTest {
    private static final int[] LENGTHS = {0, 1, 31, 32, 125, 126, 65_535, 65_536, 100_000};

    private final SendBufferPool pool = Pools.create();

    private byte[] bytesOf(SendBuffer message) {
        try (message) {
            byte[] bytes = new byte[message.length()];
            message.getBytes(0, bytes, 0, bytes.length);
            return bytes;
        }
    }

    private String textOf(SendBuffer message) {
        return new String(bytesOf(message), StandardCharsets.UTF_8);
    }

    private static byte[] expected(int first, byte[] payload) {
        ClientFrames unmasked = new ClientFrames().raw(first);
        int length = payload.length;
        if (length < 126) {
            unmasked.raw(length);
        } else if (length <= 0xFFFF) {
            unmasked.raw(126, length >> 8, length);
        } else {
            unmasked.raw(127, 0, 0, 0, 0, length >> 24, length >> 16, length >> 8, length);
        }
        return unmasked.masked(payload, 0).toBytes();
    }

    @Test
    void shouldFrameMessagesOfEachLength() {
        for (int length : LENGTHS) {
            byte[] payload = new byte[length];
            Arrays.fill(payload, (byte) 'p');
            String text = "p".repeat(length);
            assertArrayEquals(expected(0x81, payload), bytesOf(WebSocketFrames.text(pool, text)));
            assertArrayEquals(expected(0x81, payload), bytesOf(WebSocketFrames.text(pool, ByteBuffer.wrap(payload))));
            assertArrayEquals(expected(0x82, payload), bytesOf(WebSocketFrames.binary(pool, ByteBuffer.wrap(payload))));
            SendBuffer written = pool.acquire(length + WebSocketFrames.HEADROOM).headroom(WebSocketFrames.HEADROOM);
            assertArrayEquals(expected(0x82, payload), bytesOf(WebSocketFrames.sealBinary(written.putBytes(payload))));
            SendBuffer ascii = pool.acquire(length + WebSocketFrames.HEADROOM).headroom(WebSocketFrames.HEADROOM);
            assertArrayEquals(expected(0x81, payload), bytesOf(WebSocketFrames.sealText(ascii.putBytes(payload))));
        }
    }

    @Test
    void shouldMakeControlFramesAndRefuseThoseThatMayNotBe() {
        ByteBuffer payload = ByteBuffer.wrap(new byte[] {7});
        assertArrayEquals(new byte[] {(byte) 0x89, 1, 7}, bytesOf(WebSocketFrames.ping(pool, payload)));
        assertArrayEquals(new byte[] {(byte) 0x8A, 1, 7}, bytesOf(WebSocketFrames.pong(pool, payload)));
        assertArrayEquals(
                new byte[] {(byte) 0x88, 3, 3, (byte) 0xE8, 'x'}, bytesOf(WebSocketFrames.close(pool, 1000, "x")));
        ByteBuffer tooLong = ByteBuffer.allocate(126);
        assertThrows(IllegalArgumentException.class, () -> WebSocketFrames.ping(pool, tooLong));
        assertThrows(IllegalArgumentException.class, () -> WebSocketFrames.pong(pool, tooLong));
        assertThrows(IllegalArgumentException.class, () -> WebSocketFrames.close(pool, 1005, ""));
        assertThrows(IllegalArgumentException.class, () -> WebSocketFrames.close(pool, 1000, "x".repeat(124)));
    }

    @Test
    void shouldReleaseTheFrameOfATextThatThrows() {
        CharSequence hostile = new CharSequence() {
            private int reads;

            @Override
            public int length() {
                return 10;
            }

            @Override
            public char charAt(int index) {
                if (++reads > 15) {
                    throw new IllegalStateException("hostile");
                }
                return 'x';
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                return this;
            }
        };
        assertThrows(IllegalStateException.class, () -> WebSocketFrames.text(pool, hostile));
        assertThrows(IllegalStateException.class, () -> ServerSentEvents.event(pool, hostile));
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldDeflateWhatGetsSmallerAndInflateTheSame() {
        SplittableRandom random = new SplittableRandom(5);
        FrameDeflater deflater = new FrameDeflater(6);
        MessageInflater inflater = new MessageInflater();
        for (int length : LENGTHS) {
            byte[] payload = new byte[length];
            for (int i = 0; i < length; i++) {
                payload[i] = (byte) ('a' + random.nextInt(4));
            }
            byte[] noise = payload.clone();
            random.nextBytes(noise);
            try (SendBuffer frame = WebSocketFrames.binary(pool, ByteBuffer.wrap(payload));
                    SendBuffer incompressible = WebSocketFrames.binary(pool, ByteBuffer.wrap(noise))) {
                assertNull(deflater.deflate(pool, incompressible), "noise of " + length);
                SendBuffer variant = deflater.deflate(pool, frame);
                if (variant == null) {
                    assertTrue(length <= 32, "nothing was gained for " + length);
                    continue;
                }
                byte[] bytes = bytesOf(variant);
                assertTrue(bytes.length < frame.length());
                assertEquals((byte) 0xC2, bytes[0]);
                int from = bytes[1] < 126 ? 2 : bytes[1] == 126 ? 4 : 10;
                try (SendWriter writer = pool.writer(length)) {
                    inflater.inflate(ByteBuffer.wrap(bytes, from, bytes.length - from), writer, length);
                    assertArrayEquals(payload, bytesOf(writer.seal()));
                }
            }
        }
        deflater.end();
        inflater.end();
    }

    @Test
    void shouldWriteEventsOfOneLineAndOfMany() {
        assertEquals("data: x\n\n", textOf(ServerSentEvents.event(pool, "x")));
        assertEquals("data: \n\n", textOf(ServerSentEvents.event(pool, "")));
        assertEquals(
                "event: n\nid: 7\ndata: a\ndata: \u20AC\ndata: c\ndata: \n\n",
                textOf(ServerSentEvents.event(pool, "n", "7", "a\r\n\u20AC\rc\n")));
        assertEquals(": hi\n\n", textOf(ServerSentEvents.comment(pool, " hi")));
        assertEquals("retry: 1500\n\n", textOf(ServerSentEvents.retry(pool, Duration.ofMillis(1500))));
        assertThrows(IllegalArgumentException.class, () -> ServerSentEvents.event(pool, "a\nb", null, ""));
        assertThrows(IllegalArgumentException.class, () -> ServerSentEvents.event(pool, null, "\0", ""));
        assertThrows(IllegalArgumentException.class, () -> ServerSentEvents.comment(pool, "\r"));
    }

    @Test
    void shouldMakeTheSameEventOfAFrameAsOfItsText() {
        for (String text : new String[] {"", "x", "\n", "\r\n\r\n", "a\rb\n\nc\r", "\u20AC\n" + "y".repeat(70_000)}) {
            try (SendBuffer frame = WebSocketFrames.text(pool, text)) {
                assertEquals(textOf(ServerSentEvents.event(pool, text)), textOf(ServerSentEvents.ofFrame(pool, frame)));
            }
        }
    }
}
