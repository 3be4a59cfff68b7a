/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.TimeUnit;

/**
 * How long to pause before a channel is tried again that moved no byte and did not wait, as one over TLS may after it
 * read a record without data. Soon at first, as most have something then; later more and more rarely, so that a channel
 * that continues so makes no busy loop.
 */
final class Backoff {
    private static final long INITIAL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long MAX_NANOS = 128 * INITIAL_NANOS;

    private Backoff() {}

    /**
     * Returns the next pause.
     *
     * @param nanos the pause before; 0 if the channel moved something since
     */
    static long nanosAfter(long nanos) {
        return nanos == 0 ? INITIAL_NANOS : Math.min(2 * nanos, MAX_NANOS);
    }
}
