/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.SessionGroup;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The messages of the guide are those of their protocols. */
class MessagesTest {
    private final SendBufferPool pool = Pools.create();
    private final Messages messages = new Messages(pool);

    private static byte[] takeBytes(SendBuffer message) {
        try (message) {
            byte[] bytes = new byte[message.length()];
            message.getBytes(0, bytes, 0, bytes.length);
            return bytes;
        }
    }

    @Test
    void shouldWriteTheHeaderOfEachLengthOfAWebSocketFrame() {
        for (int length : new int[] {0, 1, 125, 126, 127, 65_535, 65_536, 100_000}) {
            String text = "x".repeat(length);
            ByteBuffer expected = ByteBuffer.allocate(length + 10).put((byte) 0x81);
            if (length < 126) {
                expected.put((byte) length);
            } else if (length < 65_536) {
                expected.put((byte) 126).putShort((short) length);
            } else {
                expected.put((byte) 127).putLong(length);
            }
            expected.put(text.getBytes(StandardCharsets.US_ASCII)).flip();
            assertEquals(expected, ByteBuffer.wrap(takeBytes(messages.textFrame(text))), "length " + length);
        }
        messages.close();
    }

    @Test
    void shouldWriteARepliesBytesAndForgetOneThatIsTooLong() {
        String reply = "*2\r\n$3\r\none\r\n$4\r\ntw\u00f6\r\n";
        byte[] expected = reply.getBytes(StandardCharsets.UTF_8);
        assertArrayEquals(expected, takeBytes(messages.reply(List.of("one", "tw\u00f6"))));
        List<String> tooLong = List.of("x".repeat(1 << 20));
        assertThrows(IndexOutOfBoundsException.class, () -> messages.reply(tooLong));
        assertArrayEquals(expected, takeBytes(messages.reply(List.of("one", "tw\u00f6"))));
        assertEquals(10, pool.stats().constantBytes());
        messages.close();
    }

    @Test
    void shouldRefuseAFrameThatThePoolHasNoRoomFor() {
        String text = "x".repeat(100 << 20);
        try (SendBuffer first = messages.textFrame(text);
                SendBuffer second = messages.textFrame(text)) {
            assertEquals(first.length(), second.length());
            assertThrows(PoolExhaustedException.class, () -> messages.textFrame(text));
        }
        messages.close();
    }

    @Test
    void shouldCollectATickAndGiveItBack() {
        try (messages) {
            assertEquals(0, messages.endOfTick(new SessionGroup(), Map.of(1, 2L, 3, 4L)));
            assertEquals(0, messages.endOfTick(new SessionGroup(), Map.of(5, 6L)), "it is used again");
        }
    }
}
