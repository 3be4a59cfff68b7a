/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;

/** The most memory that a host was found to hold, and that its messages were found to use. */
final class PoolSampler {
    private final Host host;
    private long reservedBytes;
    private long pinnedBytes;
    private long inUseBytes;

    PoolSampler(Host host) {
        this.host = host;
    }

    /**
     * Looks once.
     *
     * @throws IllegalStateException if it is more than the cap
     */
    void sample() {
        HostMemory memory = host.memory();
        if (!memory.isWithinCap()) {
            throw new IllegalStateException("more than the cap: " + memory);
        }
        reservedBytes = Math.max(reservedBytes, memory.reserved());
        pinnedBytes = Math.max(pinnedBytes, memory.pinned());
        inUseBytes = Math.max(inUseBytes, memory.inUse());
    }

    void describe(Line answer) {
        answer.with("reserved", reservedBytes).with("pinned", pinnedBytes).with("inUse", inUseBytes);
    }
}
