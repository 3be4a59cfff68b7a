/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Options;

/**
 * How much comes and goes.
 *
 * @param subscribers that stay
 * @param idle sessions that join and leave again and again
 * @param rate messages a second
 * @param bytes of a message
 * @param joins in all
 * @param seconds in which they happen, in all; as long without them
 * @param slices in how many parts
 * @param warmupMillis before the first one
 */
record ChurnSettings(
        int subscribers, int idle, int rate, int bytes, int joins, int seconds, int slices, int warmupMillis) {
    /** Three quarters of a minute. */
    static ChurnSettings standard() {
        return new ChurnSettings(100, 1000, 1000, 64, 100_000, 20, 10, 1000);
    }

    /** Seconds. */
    static ChurnSettings quick() {
        return new ChurnSettings(20, 50, 1000, 64, 2000, 1, 2, 200);
    }

    static ChurnSettings parse(Options options) throws Options.Wrong {
        ChurnSettings preset = options.has("--quick") ? quick() : standard();
        return new ChurnSettings(
                options.number("--subscribers", preset.subscribers, 1, 20_000),
                options.number("--idle", preset.idle, 2, 20_000),
                options.number("--rate", preset.rate, 1, 1_000_000),
                options.number("--bytes", preset.bytes, Long.BYTES, 64 << 10),
                options.number("--joins", preset.joins, 1, 10_000_000),
                options.number("--churn-seconds", preset.seconds, 1, 3600),
                options.number("--slices", preset.slices, 1, 1000),
                preset.warmupMillis);
    }

    int sliceMillis() {
        return seconds * 1000 / slices;
    }

    int sliceJoins() {
        return Math.max(1, joins / slices);
    }
}
