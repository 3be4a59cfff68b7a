/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a set of sessions runs all its steps, whatever one of them throws. */
class RegistryEndTest {
    private final List<String> steps = new ArrayList<>();
    private final Error thrown = new Error("on purpose");

    /** Runs callbacks at once, and ends twice: as the threads of callbacks, and as those of ends. */
    private final class HostileDelivery implements Delivery {
        private final int throwsAt;
        private int closes;

        HostileDelivery(int throwsAt) {
            this.throwsAt = throwsAt;
        }

        @Override
        public void deliver(Task task) {
            task.run();
        }

        @Override
        public void close() {
            steps.add("threads");
            if (++closes == throwsAt) {
                throw thrown;
            }
        }
    }

    private SessionRegistry registry(int throwsAt) {
        return new SessionRegistry(
                SendLoop.builder().settings(), "test", "these sessions", new HostileDelivery(throwsAt));
    }

    @Test
    void shouldEndTheThreadsAndThenWhatEndsWithTheSessions() {
        registry(0).close(() -> steps.add("afterwards"));
        assertEquals(List.of("threads", "threads", "afterwards"), steps);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldGoThroughTheOtherStepsWhenOneThrows(int number) {
        SessionRegistry registry = registry(number);
        assertSame(thrown, assertThrows(Error.class, () -> registry.close(() -> steps.add("afterwards"))));
        assertEquals(List.of("threads", "threads", "afterwards"), steps);
    }

    @Test
    void shouldThrowWhatTheLastStepThrows() {
        SessionRegistry registry = registry(0);
        assertSame(
                thrown,
                assertThrows(
                        Error.class,
                        () -> registry.close(() -> {
                            throw thrown;
                        })));
        assertEquals(List.of("threads", "threads"), steps);
    }
}
