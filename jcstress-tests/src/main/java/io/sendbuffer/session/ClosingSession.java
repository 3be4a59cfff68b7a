/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import java.time.Duration;

/** A session on a loop that closes in order, for races of other packages: one for each state of a test. */
public final class ClosingSession {
    /** No race lasts this long. */
    private static final Duration LONG = Duration.ofHours(1);

    private final Bench bench = Bench.closingWithin(LONG);
    private final DigitWire wire = DigitWire.whole();
    private final Session session = bench.session(wire);

    /** The session, which its loop has registered. */
    public Session session() {
        return session;
    }

    /** A sealed message of one digit. */
    public SendBuffer message(int digit) {
        return bench.pool.alone(digit);
    }

    /** Runs the loop until it is idle, and returns all that was written. For the arbiter. */
    public long writtenToTheEnd() {
        bench.runUntilIdle();
        return wire.digits();
    }
}
