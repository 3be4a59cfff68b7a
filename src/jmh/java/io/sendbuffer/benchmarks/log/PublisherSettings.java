/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Options;
import java.util.List;

/**
 * What to measure of the publisher, and for how long.
 *
 * @param sessions how many subscribers, each in processes of their own
 * @param rate messages a second where the rate is the same for all
 * @param bytes of a message
 * @param turns how often each is measured
 * @param warmupMillis of each kind of run, before the first turn
 * @param measureMillis of a run, of which a turn has four
 */
record PublisherSettings(List<Integer> sessions, int rate, int bytes, int turns, int warmupMillis, int measureMillis) {
    PublisherSettings {
        sessions = List.copyOf(sessions);
    }

    /** Three minutes. */
    static PublisherSettings standard() {
        return new PublisherSettings(List.of(10, 100, 1000, 10_000), 1000, 64, 6, 1000, 500);
    }

    /** Seconds. */
    static PublisherSettings quick() {
        return new PublisherSettings(List.of(10, 100), 1000, 64, 1, 100, 200);
    }

    static PublisherSettings parse(Options options) throws Options.Wrong {
        PublisherSettings preset = options.has("--quick") ? quick() : standard();
        return new PublisherSettings(
                options.numbers("--sessions", preset.sessions, 1, 25_000),
                options.number("--rate", preset.rate, 1, 1_000_000),
                options.number("--bytes", preset.bytes, Long.BYTES, 64 << 10),
                options.number("--turns", preset.turns, 1, 1000),
                options.number("--warmup-ms", preset.warmupMillis, 1, 600_000),
                options.number("--measure-ms", preset.measureMillis, 1, 600_000));
    }
}
