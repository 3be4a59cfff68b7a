/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rehearsal when the first sessions of a JVM are built reports nothing. Each kind runs in its own JVM. */
@Timeout(60)
class RehearsalTest {
    @ParameterizedTest
    @ValueSource(strings = {"loop", "async", "blocking"})
    void shouldReportNothing(String kind) throws Exception {
        assertEquals("", ForkedJvm.run(List.of(), RehearsalMain.class, kind, kind));
    }
}
