/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** The text of an exception is part of the API. */
public final class ThrownText {
    private ThrownText() {}

    public static void assertSays(Throwable thrown, String... phrases) {
        String message = String.valueOf(thrown.getMessage());
        for (String phrase : phrases) {
            assertTrue(message.contains(phrase), () -> "\"" + message + "\" does not say \"" + phrase + "\"");
        }
    }
}
