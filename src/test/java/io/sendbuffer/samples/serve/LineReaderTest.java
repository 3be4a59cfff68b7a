/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** However the bytes are split, the lines are the same. */
class LineReaderTest {
    private static final String INPUT = "ab\ncdefg\r\n\n\r\n12345678\n1234567\r\nlast";
    private static final List<String> LINES = List.of("ab", "cdefg", "", "", "TOO LONG", "1234567", "last");

    private final List<String> lines = new ArrayList<>();
    private final LineReader reader = new LineReader(7);

    @Test
    void shouldFindTheSameLinesWhereverTheInputIsCut() {
        for (int first = 0; first <= INPUT.length(); first++) {
            for (int second = first; second <= INPUT.length(); second++) {
                lines.clear();
                read(INPUT.substring(0, first));
                read(INPUT.substring(first, second));
                read(INPUT.substring(second));
                end();
                assertEquals(LINES, lines, "cut at " + first + " and " + second);
            }
        }
    }

    @Test
    void shouldFindTheSameLinesByteByByte() {
        INPUT.chars().forEach(c -> read(Character.toString(c)));
        end();
        assertEquals(LINES, lines);
    }

    @Test
    void shouldLeaveOutALineThatIsTooLongOnce() {
        read("123456789");
        read("123456789");
        end();
        assertEquals(List.of("TOO LONG"), lines);
    }

    @Test
    void shouldFindALastLineThatIsOneByteTooLong() {
        read("12345678");
        end();
        assertEquals(List.of("TOO LONG"), lines);
    }

    private void read(String piece) {
        ByteBuffer bytes = ByteBuffer.wrap(piece.getBytes(StandardCharsets.UTF_8));
        reader.read(bytes, this::add, this::addTooLong);
    }

    private void end() {
        reader.end(this::add, this::addTooLong);
    }

    private void add(ByteBuffer line) {
        lines.add(StandardCharsets.UTF_8.decode(line).toString());
    }

    private void addTooLong() {
        lines.add("TOO LONG");
    }
}
