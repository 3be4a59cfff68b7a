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

/**
 * Each allocation of an evacuation, and of a batch that conflates, fails once, in a heap that is really full: no
 * message is lost or released too early, and the queues continue.
 */
@Timeout(110)
class QueueFullHeapTest {
    @ParameterizedTest
    @EnumSource(QueueFullHeapStep.class)
    void shouldContinueAndLoseNothingThoughAnAllocationFails(QueueFullHeapStep step) throws Exception {
        String output = ForkedJvm.run(FullHeapSweep.FLAGS, QueueFullHeapMain.class, step.name());
        assertTrue(output.contains("passed"), output);
        System.out.print(output.substring(output.indexOf(step.name())));
    }
}
