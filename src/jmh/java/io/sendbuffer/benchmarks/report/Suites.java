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
     * @param skipMissing whether a microbenchmark that is asked for and not there is left out, not an error
     */
    static List<Suite> all(boolean skipMissing) {
        return List.of(
                Suite.of(
                        "memory",
                        Duration.ofSeconds(45),
                        Duration.ofMinutes(3),
                        (full, log) -> Memory.run(full ? MemorySettings.full() : MemorySettings.shortSet(), log)),
                new Suite(
                        "micro",
                        full -> Micro.estimate(microSettings(full, skipMissing)),
                        (full, log) -> Micro.run(microSettings(full, skipMissing), log)),
                Suite.of(
                        "fanout",
                        Duration.ofSeconds(210),
                        Duration.ofHours(3),
                        (full, log) -> FanOut.run(full ? FanOutSettings.full() : FanOutSettings.shortSet(), log)),
                Suite.of(
                        "latency",
                        Duration.ofSeconds(120),
                        Duration.ofMinutes(30),
                        (full, log) -> Latency.run(full ? LatencySettings.full() : LatencySettings.shortSet(), log)));
    }

    private static MicroSettings microSettings(boolean full, boolean skipMissing) {
        MicroSettings settings = full ? MicroSettings.full() : MicroSettings.shortSet();
        return settings.withSkipMissing(skipMissing);
    }

    /** Their names, for the command line. */
    public static List<String> names() {
        return all(false).stream().map(Suite::name).toList();
    }
}
