/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RespReaderTest {
    private static final int MAX_BYTES = 4_096;

    private final RespReader reader = new RespReader(MAX_BYTES);

    private void add(String text) throws RespReader.ProtocolException {
        reader.add(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private @Nullable List<String> next() throws RespReader.ProtocolException {
        List<byte[]> words = reader.next();
        return words == null
                ? null
                : words.stream()
                        .map(word -> new String(word, StandardCharsets.ISO_8859_1))
                        .toList();
    }

    @Test
    void shouldTakeCommandsThatComeTogetherOrByteByByte() throws Exception {
        String commands = "*2\r\n$7\r\nPUBLISH\r\n$4\r\na\r\nb\r\n*1\r\n$0\r\n\r\nPING  x\r\n\r\n*0\r\n";
        List<List<String>> expected =
                List.of(List.of("PUBLISH", "a\r\nb"), List.of(""), List.of("PING", "x"), List.of(), List.of());
        add(commands);
        assertEquals(expected, all());
        List<List<String>> taken = new ArrayList<>();
        for (int i = 0; i < commands.length(); i++) {
            add(commands.substring(i, i + 1));
            taken.addAll(all());
        }
        assertEquals(expected, taken);
    }

    private List<List<String>> all() throws RespReader.ProtocolException {
        List<List<String>> all = new ArrayList<>();
        List<String> words;
        while ((words = next()) != null) {
            all.add(words);
        }
        return all;
    }

    @Test
    void shouldTakeManyCommandsInLittleMemory() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            add("*1\r\n$9\r\n123456789\r\n*1\r\n$9\r\n1234");
            assertEquals(List.of("123456789"), next());
            assertNull(next());
            add("56789\r\n");
            assertEquals(List.of("123456789"), next());
        }
    }

    @Test
    void shouldTakeTheWordsOfALine() throws Exception {
        add("a \"b \\x41\\n\\\"\" 'c\\'d' e\"f\" ''\tg\r\n");
        assertEquals(List.of("a", "b A\n\"", "c'd", "ef", "", "g"), next());
        assertEquals("unbalanced quotes in request", messageOf("a \"b\r\n"));
        assertEquals("unbalanced quotes in request", messageOf("a 'b'c\r\n"));
    }

    @Test
    void shouldNotLookAgainAtWhatCameBefore() throws Exception {
        RespReader large = new RespReader(64 << 20);
        int words = 300_000;
        large.add(ByteBuffer.wrap(("*" + words + "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
        byte[] word = "$1\r\nx\r\n".getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < words; i++) { // it would take minutes
            assertNull(large.next());
            large.add(ByteBuffer.wrap(word));
        }
        List<byte[]> command = large.next();
        assertEquals(words, command == null ? -1 : command.size());
    }

    @Test
    void shouldSayWhatIsWrong() {
        assertEquals("invalid multibulk length", messageOf("*x\r\n"));
        assertEquals("invalid multibulk length", messageOf("*\r\n"));
        assertEquals("invalid multibulk length", messageOf("*01\r\n"));
        assertEquals("invalid multibulk length", messageOf("* 1\r\n"));
        assertEquals("invalid multibulk length", messageOf("*9999999\r\n"));
        assertEquals("expected '$', got ':'", messageOf("*1\r\n:1\r\n"));
        assertEquals("invalid bulk length", messageOf("*1\r\n$-1\r\n\r\n"));
        assertEquals("invalid bulk length", messageOf("*1\r\n$99999999\r\n"));
        assertEquals("a command may have 4096 bytes", messageOf("x".repeat(5_000)));
        assertEquals("too big inline request", messageOf(1 << 20, "x".repeat(70_000)));
        assertEquals("too big mbulk count string", messageOf(1 << 20, "*" + "1".repeat(70_000)));
        assertEquals("too big bulk count string", messageOf(1 << 20, "*1\r\n$" + "1".repeat(70_000)));
    }

    @Test
    void shouldCountTheWordsOfACommandThatIsNotThereWhole() throws Exception {
        add("*9\r\n");
        String message = assertThrows(RespReader.ProtocolException.class, () -> {
                    for (int i = 0; i < 8; i++) {
                        add("$1000\r\n" + "x".repeat(1_000) + "\r\n");
                        assertNull(next());
                    }
                })
                .getMessage();
        assertEquals("a command may have 4096 bytes", message);
    }

    private static @Nullable String messageOf(String text) {
        return messageOf(MAX_BYTES, text);
    }

    private static @Nullable String messageOf(int maxBytes, String text) {
        RespReader fresh = new RespReader(maxBytes);
        return assertThrows(RespReader.ProtocolException.class, () -> {
                    fresh.add(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
                    fresh.next();
                })
                .getMessage();
    }
}
