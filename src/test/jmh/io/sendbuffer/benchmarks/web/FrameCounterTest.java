/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameCounterTest {
    private static final int[] SIZES = {64, 125, 126, 127, 1024, 16 << 10};
    private static final byte[] PING = {(byte) 0x89, 2, 1, 2};

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000, 100_000})
    void shouldCountMessagesHoweverTheirBytesAreCut(int part) {
        for (boolean deflates : new boolean[] {false, true}) {
            ByteBuffer bytes = stream(deflates);
            FrameCounter counter = new FrameCounter(new MessageCheck());
            int messages = 0;
            for (int at = 0; at < bytes.limit(); at += part) {
                messages += counter.count(bytes.slice(at, Math.min(part, bytes.limit() - at)));
            }
            assertEquals(2 * SIZES.length, messages);
        }
    }

    @Test
    void shouldCountAMessageOfTwoFramesOnce() {
        byte[] text = Payloads.of(64).utf8(0);
        ByteBuffer bytes = ByteBuffer.allocate(100);
        bytes.put((byte) 0x01).put((byte) 60).put(text, 0, 60).put(PING);
        bytes.put((byte) 0x80).put((byte) 4).put(text, 60, 4).flip();

        assertEquals(1, new FrameCounter(new MessageCheck()).count(bytes));
    }

    @Test
    void shouldRefuseAMessageThatIsNotTheNextOne() {
        ByteBuf bytes = Unpooled.buffer();
        new FrameWriter(false).write(Payloads.of(64).utf8(1), bytes);

        FrameCounter counter = new FrameCounter(new MessageCheck());

        assertThrows(IllegalStateException.class, () -> counter.count(bytes.nioBuffer()));
    }

    private static ByteBuffer stream(boolean deflates) {
        FrameWriter writer = new FrameWriter(deflates);
        ByteBuf bytes = Unpooled.buffer();
        long n = 0;
        for (int round = 0; round < 2; round++) {
            for (int size : SIZES) {
                writer.write(Payloads.of(size).utf8(n++), bytes);
                bytes.writeBytes(PING);
            }
        }
        return bytes.nioBuffer();
    }
}
