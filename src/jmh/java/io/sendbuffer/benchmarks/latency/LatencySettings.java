/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.latency;

import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.net.Mode;
import io.sendbuffer.benchmarks.net.Options;
import java.util.ArrayList;
import java.util.List;

/**
 * What to measure, and for how long.
 *
 * @param percents of the rate that the slowest peer sustains
 * @param ticksPerSecond the rate that the percents refer to; 0 to determine it
 * @param rounds how often each contender gets a process of its own
 * @param turns how often each contender is measured in a round, one after the other; each turn gives a sample
 * @param startMillis a process's first warm-up, saturated
 * @param warmupMillis of each turn
 */
public record LatencySettings(
        List<Entrant> entrants,
        int sessions,
        List<Integer> percents,
        int ticksPerSecond,
        int rounds,
        int turns,
        int startMillis,
        int warmupMillis,
        int measureMillis) {

    public LatencySettings {
        entrants = entrants.stream().filter(Entrant::exists).toList();
        percents = List.copyOf(percents);
    }

    /** Seconds, for a quick check that it works. */
    public static LatencySettings quick() {
        return new LatencySettings(
                entrants(Contenders.ALL, List.of(Mode.INLINE)), 20, List.of(50), 0, 1, 1, 200, 100, 300);
    }

    /** A little more than two minutes. */
    public static LatencySettings shortSet() {
        List<Entrant> entrants = new ArrayList<>(entrants(
                List.of("floor", "sendbuffer", "netty-nio", "netty-epoll", "netty-io_uring"), List.of(Mode.INLINE)));
        entrants.add(new Entrant("sendbuffer", Mode.LOOP));
        return new LatencySettings(entrants, 100, List.of(50), 0, 2, 8, 600, 100, 800);
    }

    /** All modes, and all rates, once: minutes. */
    public static LatencySettings medium() {
        return ofAll(1, 3, 1000, 100, 800);
    }

    /** All modes, and all rates, several times: ten minutes. */
    public static LatencySettings full() {
        return ofAll(2, 4, 1000, 200, 1600);
    }

    private static LatencySettings ofAll(int rounds, int turns, int startMillis, int warmupMillis, int measureMillis) {
        List<String> contenders = new ArrayList<>(Contenders.ALL);
        contenders.remove("copy");
        return new LatencySettings(
                entrants(contenders, List.of(Mode.INLINE, Mode.LOOP)),
                100,
                List.of(10, 50, 80),
                0,
                rounds,
                turns,
                startMillis,
                warmupMillis,
                measureMillis);
    }

    /** From a command line; options that are not given are as in {@link #shortSet()}. */
    static LatencySettings parse(Options options) throws Options.Wrong {
        LatencySettings preset = preset(options);
        return new LatencySettings(
                chosen(options, preset),
                options.number("--sessions", preset.sessions, 1, 25_000),
                options.numbers("--percents", preset.percents, 1, 200),
                options.number("--rate", preset.ticksPerSecond, 0, 10_000_000),
                options.number("--rounds", preset.rounds, 1, 1000),
                options.number("--turns", preset.turns, 1, 1000),
                options.number("--start-ms", preset.startMillis, 1, 600_000),
                options.number("--warmup-ms", preset.warmupMillis, 0, 600_000),
                options.number("--measure-ms", preset.measureMillis, 1, 600_000));
    }

    private static LatencySettings preset(Options options) {
        if (options.has("--quick")) {
            return quick();
        }
        return options.has("--full") ? full() : options.has("--medium") ? medium() : shortSet();
    }

    private static List<Entrant> chosen(Options options, LatencySettings preset) throws Options.Wrong {
        if (!options.has("--contenders") && !options.has("--modes")) {
            return preset.entrants;
        }
        return entrants(
                options.contenders("--contenders", Contenders.ALL), options.modes("--modes", List.of(Mode.INLINE)));
    }

    private static List<Entrant> entrants(List<String> contenders, List<Mode> modes) {
        return modes.stream()
                .flatMap(mode -> contenders.stream().map(contender -> new Entrant(contender, mode)))
                .filter(Entrant::exists)
                .toList();
    }
}
