/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import io.sendbuffer.internal.LoopThreads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which threads an acquire does not park on. */
@Timeout(30)
class LoopThreadsTest {
    @Test
    void shouldKnowAThreadThatRunsALoopAndNoOther() {
        Threads.join(Threads.start(() -> {
            assertFalse(LoopThreads.isCaller());
            SendLoop loop = SendLoop.builder().build();
            SendLoop other = SendLoop.builder().build();
            assertFalse(LoopThreads.isCaller());

            loop.doWork();
            other.doWork();
            loop.doWork();

            assertTrue(LoopThreads.isCaller()); // for the agents beside the loop as well
            loop.onClose();
            assertTrue(LoopThreads.isCaller());
            other.onClose();
            assertFalse(LoopThreads.isCaller());
            return true;
        }));
        assertFalse(LoopThreads.isCaller());
    }
}
