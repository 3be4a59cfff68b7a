/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.ForkedJvm;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each allocation of a log fails once, in a heap that is really full: nothing is lost, and the log continues. */
@Timeout(60)
class LogFullHeapTest {
    @ParameterizedTest
    @EnumSource(LogStep.class)
    void shouldContinueAndLoseNothingThoughAnAllocationFails(LogStep step) throws Exception {
        String output = ForkedJvm.run(FullHeapSweep.FLAGS, LogFullHeapMain.class, step.name());
        assertTrue(output.contains("passed"), output);
        System.out.print(output.substring(output.indexOf(step.name())));
    }
}
