/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.TestSeed;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The JDK's decoder is the judge. */
class Utf8ValidatorTest {
    private static final int[] BOUNDS = {
        0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0,
        0xF1, 0xF3, 0xF4, 0xF5, 0xFF
    };

    private static void requireAgreement(byte[] bytes, String hint) {
        boolean expected = true;
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            expected = false;
        }
        for (int cut = 0; cut <= bytes.length; cut++) {
            Utf8Validator validator = new Utf8Validator();
            ByteBuffer input = ByteBuffer.wrap(bytes);
            boolean actual = validator.accepts(input, 0, cut)
                    && validator.accepts(input, cut, bytes.length)
                    && validator.isComplete();
            assertEquals(expected, actual, () -> java.util.HexFormat.of().formatHex(bytes) + hint);
        }
    }

    @Test
    void shouldAgreeWithTheDecoderAtEachBound() {
        for (int a : BOUNDS) {
            for (int b : BOUNDS) {
                requireAgreement(ClientFrames.bytes(a, b), "");
                for (int c : BOUNDS) {
                    requireAgreement(ClientFrames.bytes(a, b, c), "");
                    for (int d : BOUNDS) {
                        requireAgreement(ClientFrames.bytes(a, b, c, d), "");
                    }
                }
            }
        }
    }

    @Test
    void shouldAgreeWithTheDecoderOnLongerTextToo() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i >= 0; i--) {
                text.appendCodePoint(random.nextBoolean() ? 'a' : random.nextInt(0xD800));
            }
            byte[] bytes = ClientFrames.utf8(text.toString());
            if (random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            }
            requireAgreement(bytes, TestSeed.hint(seed));
        }
    }
}
