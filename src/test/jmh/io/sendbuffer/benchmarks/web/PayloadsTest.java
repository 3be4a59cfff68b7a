/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.gson.JsonParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PayloadsTest {
    @ParameterizedTest
    @ValueSource(ints = {64, 65, 255, 256, 1024, 16 << 10})
    void shouldBeJsonOfThatSizeThatChanges(int bytes) {
        Payloads payloads = Payloads.of(bytes);
        for (int i = 0; i < 2000; i++) {
            assertEquals(bytes, payloads.utf8(i).length);
            assertEquals(
                    1_000_000 + i % 1024,
                    JsonParser.parseString(payloads.text(i))
                            .getAsJsonObject()
                            .get("seq")
                            .getAsInt());
        }
        assertNotEquals(payloads.text(0).substring(16), payloads.text(1).substring(16));
    }
}
