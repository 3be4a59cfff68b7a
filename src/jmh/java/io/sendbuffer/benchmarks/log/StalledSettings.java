/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Options;

/**
 * How many stall, and for how long.
 *
 * @param readers how many subscribers read; as many others never do
 * @param bytes of a message
 * @param kernelBytes of the kernel's buffer at each end of a connection that stalls
 * @param retentionBytes of the log
 * @param seconds how long each server publishes, in all
 * @param slices in how many parts
 * @param warmupMillis before the first one
 */
record StalledSettings(
        int readers, int bytes, int kernelBytes, long retentionBytes, int seconds, int slices, int warmupMillis) {
    /** Three minutes and a half. */
    static StalledSettings standard() {
        return new StalledSettings(1000, 512, 16 << 10, 8 << 20, 60, 12, 2000);
    }

    /** Seconds. */
    static StalledSettings quick() {
        return new StalledSettings(20, 64, 16 << 10, 256 << 10, 1, 2, 200);
    }

    static StalledSettings parse(Options options) throws Options.Wrong {
        StalledSettings preset = options.has("--quick") ? quick() : standard();
        return new StalledSettings(
                options.number("--readers", preset.readers, 1, 12_000),
                options.number("--bytes", preset.bytes, Long.BYTES, 64 << 10),
                options.number("--kernel-kib", preset.kernelBytes >> 10, 4, 16 << 10) << 10,
                (long) options.number("--retention-kib", (int) (preset.retentionBytes >> 10), 64, 128 << 10) << 10,
                options.number("--seconds", preset.seconds, 1, 3600),
                options.number("--slices", preset.slices, 1, 1000),
                preset.warmupMillis);
    }

    int sliceMillis() {
        return seconds * 1000 / slices;
    }
}
