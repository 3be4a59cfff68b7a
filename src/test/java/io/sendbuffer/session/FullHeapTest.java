/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A really full heap, and a loop whose shutdown code has never run: afterward, either the loop serves all sessions, or
 * it ended in order and every session was notified.
 */
@Timeout(60)
class FullHeapTest {
    private static final List<String> FLAGS = List.of("-Xmx24m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=16m");

    @ParameterizedTest
    @ValueSource(strings = {"loop", "group", "death", "heir"})
    void shouldServeOrEndInOrderThoughTheHeapIsFullAndCold(String what) throws Exception {
        String output = ForkedJvm.run(FLAGS, FullHeapMain.class, what);
        assertTrue(output.contains("passed: " + what), output);
    }
}
