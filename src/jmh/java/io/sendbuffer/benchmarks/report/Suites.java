/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.fanout.FanOut;
import io.sendbuffer.benchmarks.fanout.FanOutSettings;
import io.sendbuffer.benchmarks.latency.Latency;
import io.sendbuffer.benchmarks.latency.LatencySettings;
import io.sendbuffer.benchmarks.memory.Memory;
import io.sendbuffer.benchmarks.memory.MemorySettings;
import io.sendbuffer.benchmarks.micro.Micro;
import io.sendbuffer.benchmarks.micro.MicroSettings;
import java.time.Duration;
import java.util.List;

/** All suites, in the order in which they run. */
public final class Suites {
    private Suites() {}

    /**
     * All of them.
     *
     * @param skipMissing whether a requested microbenchmark that does not exist is skipped instead of being an error
     */
    static List<Suite> all(boolean skipMissing) {
        return List.of(
                Suite.of(
                        "memory",
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(260),
                        (set, log) -> Memory.run(
                                set == SetOfRuns.FULL ? MemorySettings.full() : MemorySettings.shortSet(), log)),
                new Suite(
                        "micro",
                        set -> Micro.estimate(microSettings(set, skipMissing)),
                        (set, log) -> Micro.run(microSettings(set, skipMissing), log)),
                Suite.of(
                        "fanout",
                        Duration.ofSeconds(230),
                        Duration.ofMinutes(17),
                        Duration.ofMinutes(50),
                        (set, log) -> FanOut.run(
                                set.choose(FanOutSettings.shortSet(), FanOutSettings.medium(), FanOutSettings.full()),
                                log)),
                Suite.of(
                        "latency",
                        Duration.ofSeconds(145),
                        Duration.ofMinutes(3),
                        Duration.ofMinutes(10),
                        (set, log) -> Latency.run(
                                set.choose(
                                        LatencySettings.shortSet(), LatencySettings.medium(), LatencySettings.full()),
                                log)));
    }

    private static MicroSettings microSettings(SetOfRuns set, boolean skipMissing) {
        return set.choose(MicroSettings.shortSet(), MicroSettings.medium(), MicroSettings.full())
                .withSkipMissing(skipMissing);
    }

    /** Their names, for the command line. */
    public static List<String> names() {
        return all(false).stream().map(Suite::name).toList();
    }
}
