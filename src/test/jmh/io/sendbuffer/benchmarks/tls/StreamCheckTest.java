/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.tls;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.benchmarks.net.Shape;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class StreamCheckTest {
    private static final int BYTES = 20;
    private static final int MESSAGES = 3;

    private final StreamCheck check = new StreamCheck();

    private static byte[] ticks(int messages, long... stamps) {
        ByteBuffer bytes = ByteBuffer.allocate(stamps.length * messages * BYTES);
        for (long stamp : stamps) {
            for (int i = 0; i < messages; i++) {
                bytes.putLong(stamp).put(new Shape(1, BYTES, 1).body());
            }
        }
        return bytes.array();
    }

    private void accept(byte[] bytes, int piece) {
        for (int from = 0; from < bytes.length; from += piece) {
            int length = Math.min(piece, bytes.length - from);
            check.accept(ByteBuffer.wrap(bytes, from, length), BYTES, MESSAGES);
        }
    }

    @Test
    void shouldTakeTicksHoweverTheyAreCut() {
        for (int piece = 1; piece <= 3 * MESSAGES * BYTES; piece++) {
            accept(ticks(MESSAGES, 0, 1, 2), piece);
        }
        check.accept(ByteBuffer.wrap(ticks(1, 0, 1)), BYTES, 1);
    }

    @Test
    void shouldReportEachByteThatIsWrong() {
        for (int place = 0; place < 2 * MESSAGES * BYTES; place++) {
            byte[] bytes = ticks(MESSAGES, 0, 1);
            bytes[place] ^= 0x10;
            StreamCheck fresh = new StreamCheck();
            assertThrows(
                    IllegalStateException.class,
                    () -> fresh.accept(ByteBuffer.wrap(bytes), BYTES, MESSAGES),
                    "byte " + place);
        }
    }

    @Test
    void shouldReportATickThatIsMissingOrComesTwice() {
        assertThrows(IllegalStateException.class, () -> accept(ticks(MESSAGES, 0, 2), BYTES));
        StreamCheck twice = new StreamCheck();
        assertThrows(
                IllegalStateException.class,
                () -> twice.accept(ByteBuffer.wrap(ticks(MESSAGES, 0, 1, 1)), BYTES, MESSAGES));
    }
}
