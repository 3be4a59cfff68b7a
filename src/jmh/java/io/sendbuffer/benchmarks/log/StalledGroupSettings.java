/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Options;

/**
 * How many members of a group stall, and for how long.
 *
 * @param readers how many members read; as many others never do
 * @param bytes of a message
 * @param kernelBytes of the kernel's buffer at each end of a connection that stalls
 * @param seconds how long each server publishes, in all
 * @param slices in how many parts
 * @param warmupMillis before the first one, again and again until all that stall are behind
 */
record StalledGroupSettings(int readers, int bytes, int kernelBytes, int seconds, int slices, int warmupMillis) {
    /** The cap of the pool. */
    static final long MAX_MEMORY = 64 << 20;

    /** Two minutes and a half. */
    static StalledGroupSettings standard() {
        return new StalledGroupSettings(1000, 64, 16 << 10, 30, 12, 2000);
    }

    /** Seconds. */
    static StalledGroupSettings quick() {
        return new StalledGroupSettings(20, 64, 16 << 10, 1, 2, 200);
    }

    static StalledGroupSettings parse(Options options) throws Options.Wrong {
        StalledGroupSettings preset = options.has("--quick") ? quick() : standard();
        return new StalledGroupSettings(
                options.number("--readers", preset.readers, 1, 12_000),
                options.number("--bytes", preset.bytes, Long.BYTES, 64 << 10),
                options.number("--kernel-kib", preset.kernelBytes >> 10, 4, 16 << 10) << 10,
                options.number("--seconds", preset.seconds, 1, 3600),
                options.number("--slices", preset.slices, 1, 1000),
                preset.warmupMillis);
    }

    int sliceMillis() {
        return seconds * 1000 / slices;
    }
}
