/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Pauses that grow. */
class BackoffTest {
    private static final long INITIAL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final int DOUBLINGS = 7;

    @Test
    void shouldDoubleThePauseUpToTheLongest() {
        long nanos = 0;
        for (int i = 0; i <= DOUBLINGS; i++) {
            nanos = Backoff.nanosAfter(nanos);
            assertEquals(INITIAL_NANOS << i, nanos);
        }
        assertEquals(nanos, Backoff.nanosAfter(nanos));
    }
}
