package io.sendbuffer.benchmarks.report;

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
                        (full, log) -> Micro.run(microSettings(full, skipMissing), log)));
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
