/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Receive buffers are kept and reused: connections that come and go need no more memory than those that are open at
 * once.
 */
@Timeout(120)
class ReceiveMemoryIT {
    private static final List<String> FLAGS =
            List.of("-Xmx64m", "-XX:MaxDirectMemorySize=16m", "-XX:+DisableExplicitGC");

    @ParameterizedTest
    @EnumSource(
            value = SessionKind.class,
            names = {"ASYNC", "BLOCKING_INLINE", "BLOCKING_WRITER", "LOOP", "LOOP_GROUP"})
    void shouldServeThousandsOfConnectionsOneAfterTheOther(SessionKind kind) throws Exception {
        ForkedJvm.run(FLAGS, ReceiveMemoryMain.class, kind.name(), "churn");
    }

    /** Many at once, repeatedly: the buffers of the first burst serve the others. */
    @ParameterizedTest
    @EnumSource(
            value = SessionKind.class,
            names = {"ASYNC", "BLOCKING_INLINE", "BLOCKING_WRITER"})
    void shouldServeOneBurstAfterTheOther(SessionKind kind) throws Exception {
        ForkedJvm.run(FLAGS, ReceiveMemoryMain.class, kind.name(), "bursts");
    }
}
