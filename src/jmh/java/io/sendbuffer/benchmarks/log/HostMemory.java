/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

/**
 * A host's memory for messages.
 *
 * @param reserved off-heap bytes that the pool took from the JVM
 * @param pinned of these, what messages keep that are alive, as the pool says it
 * @param inUse bytes of these messages
 * @param heap bytes on the heap that count for the cap
 * @param cap for what is reserved and on the heap
 */
record HostMemory(long reserved, long pinned, long inUse, long heap, long cap) {
    boolean isWithinCap() {
        return reserved + heap <= cap;
    }
}
