/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A heap that is full for a while stops no clock, no delivery and no port. Runs in its own JVM. */
@Timeout(60)
class FullHeapSessionsTest {
    private static final List<String> FLAGS = List.of("-Xmx24m", "-XX:+UseSerialGC");

    @ParameterizedTest
    @EnumSource(
            value = StubKind.class,
            names = {"ASYNC", "BLOCKING_INLINE", "BLOCKING_WRITER"})
    void shouldKeepTheTimeAfterTheHeapWasFull(StubKind kind) throws Exception {
        ForkedJvm.run(FLAGS, FullHeapSessionsMain.class, kind.name());
    }

    @Test
    void shouldServeOrEndInOrderAfterTheHeapWasFull() throws Exception {
        ForkedJvm.run(FLAGS, FullHeapSessionsMain.class, "accept");
    }
}
