/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts messages that have done their work: one listener for any number of messages, without garbage. Thread-safe;
 * each of the counts is exact when no thread sends.
 *
 * <pre>{@code
 * ReleaseCounter done = new ReleaseCounter();
 * players.broadcast(tick.onRelease(done).seal());        // done.released() says how many are through
 * }</pre>
 */
public final class ReleaseCounter implements ReleaseListener {
    private final LongAdder released = new LongAdder();
    private final LongAdder unwritten = new LongAdder();

    /** Creates a counter at zero. */
    public ReleaseCounter() {}

    @Override
    public void onReleased(int unwritten) {
        released.increment();
        if (unwritten != 0) {
            this.unwritten.add(unwritten);
        }
    }

    /** Messages whose last reference was released: their memory is back. */
    public long released() {
        return released.sum();
    }

    /** Deliveries that were accepted and then lost, because a session ended before its turn came. */
    public long unwritten() {
        return unwritten.sum();
    }
}
