/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text encoding, compared with {@link String#getBytes}. */
class SendBufferTextTest {
    private static final int RANDOM_TEXTS = 5_000;

    private final SendBufferPool pool = Pools.create();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "seven-7",
                "eight--8",
                "fifteen--------",
                "sixteen--------\u00e9",
                "\u00e9ight----------------\ud83d",
                "plain ASCII \u0000 \u007f",
                "\u0080\u00e9\u07ff two bytes",
                "\u0800\ud55c\uffff three bytes",
                "\ud83d\ude00 four bytes \ud800\udc00\udbff\udfff",
                "a\u00e9\ud55c\ud83d\ude00",
                "\ud83dhigh half at the start",
                "high half \ud83d in the middle",
                "high half at the end\ud83d",
                "\ude00low half at the start",
                "low half \ude00 in the middle",
                "low half at the end\ude00",
                "halves the wrong way round \ude00\ud83d",
                "two high halves \ud83d\ud83d\ude00",
            })
    void shouldEncodeAsStringDoes(String text) {
        requireEncodedAsStringDoes(text, "");
    }

    @Test
    void shouldEncodeRandomTextAsStringDoes() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < RANDOM_TEXTS; i++) {
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(40); left > 0; left--) {
                text.append(randomChar(random));
            }
            requireEncodedAsStringDoes(text.toString(), TestSeed.hint(seed));
        }
    }

    /** Surrogates are as frequent as chars of each encoded length. */
    private static char randomChar(SplittableRandom random) {
        return (char)
                switch (random.nextInt(5)) {
                    case 0 -> random.nextInt(0x80);
                    case 1 -> random.nextInt(0x80, 0x800);
                    case 2 -> random.nextInt(0x800, 0x1_0000);
                    case 3 -> random.nextInt(Character.MIN_HIGH_SURROGATE, Character.MAX_HIGH_SURROGATE + 1);
                    default -> random.nextInt(Character.MIN_LOW_SURROGATE, Character.MAX_LOW_SURROGATE + 1);
                };
    }

    /** Both ways: with room for the longest encoding, where the text is not measured, and with none to spare. */
    private void requireEncodedAsStringDoes(String text, String hint) {
        byte[] expected = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(expected.length, SendBuffer.utf8Length(text), () -> text + hint);
        assertEquals(expected.length, SendBuffer.utf8Length(CharBuffer.wrap(text)), () -> text + hint);
        for (int spare : new int[] {0, 1, 3 * text.length()}) {
            try (SendBuffer appended = pool.acquire(expected.length + spare);
                    SendBuffer indexed = pool.acquire(expected.length + spare + 2)) {
                appended.putUtf8(text);
                assertEquals(expected.length, appended.length(), () -> text + hint);
                assertEquals(expected.length, indexed.putUtf8(2, text), () -> text + hint);
                assertEquals(0, indexed.length(), () -> text + hint);
                assertArrayEquals(expected, bytesOf(appended.seal(), 0), () -> text + hint);
                assertArrayEquals(expected, bytesOf(indexed.seal(expected.length + 2), 2), () -> text + hint);
                String decoded = new String(expected, StandardCharsets.UTF_8);
                assertEquals(decoded, appended.getUtf8(0, expected.length), () -> text + hint);
            }
        }
    }

    @Test
    void shouldWriteAsciiAndAQuestionMarkForTheRest() {
        String text = "ascii \u007f \u0080 \u00e9 \ud55c \ud83d\ude00";
        byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
        // String writes one '?' for a pair; here each char is one byte, so that the length is known in advance.
        byte[] twoForAPair =
                (new String(expected, StandardCharsets.US_ASCII) + "?").getBytes(StandardCharsets.US_ASCII);
        try (SendBuffer appended = pool.acquire(text.length());
                SendBuffer indexed = pool.acquire(text.length() + 1)) {
            assertArrayEquals(twoForAPair, bytesOf(appended.putAscii(text).seal(), 0));
            indexed.putAscii(1, text);
            assertArrayEquals(twoForAPair, bytesOf(indexed.seal(text.length() + 1), 1));
        }
    }

    @Test
    void shouldEncodeACharThatIsNotAsciiWhereverItIsAmongOthers() {
        for (String special : new String[] {"\u0080", "\u0800", "\ud83d\ude00", "\ud83d", "\ude00", "\uff41"}) {
            for (int length = 0; length < 40; length++) {
                for (int at = 0; at <= length; at++) {
                    requireEncodedAsStringDoes("a".repeat(at) + special + "z".repeat(length - at), "");
                }
            }
        }
    }

    @Test
    void shouldEncodeLongTextWhateverCharEndsItsAscii() {
        for (String special :
                new String[] {"", "\u0080", "\u00ff", "\u0141", "\u0800", "\ud83d\ude00", "\ud83d", "\ude00"}) {
            for (int length : new int[] {46, 47, 48, 49, 511, 512, 513, 1_023, 1_024, 1_025, 5_000}) {
                for (int at : new int[] {0, 1, 45, 48, 63, 510, 511, 512, 513, 1_024, 4_999}) {
                    if (at < length) {
                        String text = "a".repeat(at) + special + "z".repeat(length - at);
                        requireEncodedAsStringDoes(text, "");
                        requireAscii(text);
                    }
                }
            }
        }
    }

    private void requireAscii(String text) {
        try (SendBuffer buffer = pool.acquire(text.length())) {
            StringBuilder chars = new StringBuilder();
            for (int i = 0; i < text.length(); i++) {
                chars.append(text.charAt(i) < 0x80 ? text.charAt(i) : '?');
            }
            assertEquals(chars.toString(), buffer.putAscii(text).seal().getUtf8(0, text.length()));
        }
    }

    /** Text of more than 2 GiB of UTF-8, in no memory. */
    private record Repeated(char c, int length) implements CharSequence {
        @Override
        public char charAt(int index) {
            return c;
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Repeated(c, end - start);
        }

        @Override
        public String toString() {
            return "Repeated";
        }
    }

    @Test
    void shouldRefuseTextThatIsLongerThanAnIntCounts() {
        CharSequence longest = new Repeated('\ud55c', 800_000_000);
        assertThrows(ArithmeticException.class, () -> SendBuffer.utf8Length(longest));
        try (SendBuffer buffer = pool.acquire(100)) {
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putUtf8(longest));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putUtf8(7, longest));
            assertEquals(0, buffer.length());
        }
    }

    @Test
    void shouldAcceptAnyCharSequence() {
        try (SendBuffer buffer = pool.acquire(16)) {
            buffer.putUtf8(CharBuffer.wrap("a\u00e9")).putAscii(CharBuffer.wrap("b"));
            assertEquals("a\u00e9b", buffer.seal().getUtf8(0, 4));
        }
    }

    private static byte[] bytesOf(SendBuffer buffer, int from) {
        byte[] bytes = new byte[buffer.length() - from];
        buffer.getBytes(from, bytes, 0, bytes.length);
        return bytes;
    }
}
