/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.net.Mode;

/** A measured contender and its mode. */
public record Entrant(String contender, Mode mode) {
    /** With single messages and one loop. A reader that measures latency knows no protocol of a relay. */
    boolean exists() {
        return Contenders.exists(contender, mode, 1)
                && Contenders.differs(contender, 1)
                && !Contenders.isRelay(contender);
    }

    boolean isPeer() {
        return Contenders.isPeer(contender);
    }

    /**
     * Whether the publisher spins while it waits for the next tick: with two processors, it has one and the reader the
     * other. Where an event loop writes, the loop needs that processor.
     */
    boolean spins() {
        return mode == Mode.INLINE;
    }

    @Override
    public String toString() {
        return contender + " " + mode;
    }
}
