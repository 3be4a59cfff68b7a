/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.PoolStats;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.benchmarks.net.Line;

/** The most memory that a pool was found to hold, and that its messages were found to use. */
final class PoolSampler {
    private final SendBufferPool pool;
    private long reservedBytes;
    private long pinnedBytes;
    private long inUseBytes;

    PoolSampler(SendBufferPool pool) {
        this.pool = pool;
    }

    void sample() {
        PoolStats stats = pool.stats();
        reservedBytes = Math.max(reservedBytes, stats.reservedBytes());
        pinnedBytes = Math.max(pinnedBytes, stats.pinnedBytes());
        inUseBytes = Math.max(inUseBytes, stats.inUseBytes());
    }

    void describe(Line answer) {
        answer.with("reserved", reservedBytes).with("pinned", pinnedBytes).with("inUse", inUseBytes);
    }
}
