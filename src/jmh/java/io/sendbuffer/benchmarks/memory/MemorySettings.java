/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

/**
 * The settings of the memory suite.
 *
 * @param alive how many buffers are alive
 * @param bytes of each
 * @param replaces how many of them are replaced one after the other
 * @param rounds how often, each in a new pool and with another seed
 * @param seed of the first round
 * @param held how many messages stalled receivers hold
 * @param heldByOne how many messages one stalled receiver holds, one in each chunk; 0 to leave it out
 * @param things the number of sessions, and of messages, by which the heap grows
 */
public record MemorySettings(
        int alive, int bytes, int replaces, int rounds, long seed, int held, int heldByOne, int things) {

    public static MemorySettings shortSet() {
        return new MemorySettings(8192, 64, 2_000_000, 3, 42, 10_000, 0, 1000);
    }

    public static MemorySettings full() {
        return new MemorySettings(8192, 64, 5_000_000, 5, 42, 10_000, 100_000, 1000);
    }

    /** The same with another number of things. */
    MemorySettings withThings(int count) {
        return new MemorySettings(alive, bytes, replaces, rounds, seed, held, heldByOne, count);
    }
}
