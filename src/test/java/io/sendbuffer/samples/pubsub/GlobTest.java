/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "news, news",
        "'', ''",
        "a*, a",
        "n*s, news",
        "n**s, ns",
        "h?llo, hallo",
        "h[ae]llo, hello",
        "h[a-c]llo, hbllo",
        "h[^e]llo, hallo",
        "h\\*, h*",
        "*.*.x, a.b.x",
        "h[a, ha",
        "h[z-a]x, hbx",
        "h[\\]]x, h]x",
        "h[a-]x, ha",
        "h[^]x, hyx",
        "\\, \\"
    })
    void shouldMatch(String pattern, String text) {
        assertTrue(Glob.matches(pattern, text));
    }

    @ParameterizedTest
    @CsvSource({
        "news, new",
        "new, news",
        "h?llo, hllo",
        "h[ae]llo, hillo",
        "h[^e]llo, hello",
        "h\\*, hx",
        "h[a, h",
        "h[]x, hx",
        "*, ''",
        "h[^, h",
        "*.x, a.y"
    })
    void shouldNotMatch(String pattern, String text) {
        assertFalse(Glob.matches(pattern, text));
    }

    @Test
    @Timeout(10)
    void shouldTakeLittleTimeForAHostilePattern() {
        assertFalse(Glob.matches("*a".repeat(5_000) + "b", "a".repeat(5_000)));
        assertTrue(Glob.matches("*".repeat(1_000_000), "a"));
    }
}
