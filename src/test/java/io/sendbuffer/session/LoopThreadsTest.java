/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Threads;
import io.sendbuffer.internal.LoopThreads;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On which threads no acquire parks, and no sender waits. */
@Timeout(30)
class LoopThreadsTest {
    /** An agent beside the loop would wait for the loop, and the loop for it. */
    @Test
    void shouldLetNoAgentBesideALoopWaitForRoom() {
        Threads.join(Threads.start(() -> {
            SendLoop loop = SendLoop.builder().build();
            loop.doWork();
            assertThrows(
                    IllegalStateException.class,
                    () -> new WaitingSenders().offer(() -> OfferResult.REFUSED_BYTES, Duration.ofSeconds(20)));
            loop.onClose();
            return true;
        }));
    }

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
        assertFalse(Threads.join(Threads.start(LoopThreads::isCaller)), "another thread");
    }
}
