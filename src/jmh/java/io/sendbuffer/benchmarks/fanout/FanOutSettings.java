/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.net.Mode;
import io.sendbuffer.benchmarks.net.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What to measure, and for how long.
 *
 * @param rounds how often each contender gets a process of its own
 * @param turns how often each is measured in a round, one contender after the other
 * @param warmupMillis warm-up before a process's first turn with a cell, in which its code is compiled
 * @param measureMillis how long a turn takes
 * @param strace whether to count system calls, in one more round
 */
public record FanOutSettings(
        List<Cell> cells, int rounds, int turns, int warmupMillis, int measureMillis, boolean strace) {
    private static final List<Integer> SESSIONS = List.of(10, 100, 1000, 10_000);
    private static final List<Integer> BYTES = List.of(64, 512, 4096, 16_384);
    private static final List<Integer> MESSAGES = List.of(1, 8, 32, 128);
    private static final List<Mode> MODES = List.of(Mode.INLINE, Mode.LOOP);

    public FanOutSettings {
        cells = List.copyOf(cells);
    }

    /** Seconds, for a quick check that it works. */
    public static FanOutSettings quick() {
        List<Cell> cells = List.of(
                new Cell(100, 64, 32, Mode.INLINE, Contenders.ALL), new Cell(100, 64, 1, Mode.LOOP, Contenders.ALL));
        return new FanOutSettings(cells, 1, 1, 300, 200, false);
    }

    /** Less than three and a half minutes. */
    public static FanOutSettings shortSet() {
        List<String> own = List.of("floor", "sendbuffer");
        List<String> peers = List.of("floor", "sendbuffer", "netty-nio", "netty-epoll", "netty-io_uring");
        List<Cell> cells = List.of(
                new Cell(100, 64, 32, Mode.INLINE, Contenders.ALL),
                new Cell(100, 64, 1, Mode.INLINE, peers),
                new Cell(100, 16_384, 1, Mode.INLINE, Contenders.ALL),
                new Cell(100, 64, 1, Mode.LOOP, peers),
                new Cell(1000, 64, 32, Mode.INLINE, peers),
                new Cell(10, 64, 32, Mode.INLINE, own),
                new Cell(10_000, 64, 32, Mode.INLINE, own));
        return new FanOutSettings(cells, 2, 10, 600, 70, false);
    }

    /** All sizes and numbers of sessions, single messages and ticks of 32, once: some 17 minutes. */
    public static FanOutSettings medium() {
        return new FanOutSettings(
                product(SESSIONS, BYTES, List.of(1, 32), MODES, List.of(1), 0, Contenders.ALL), 1, 3, 250, 60, true);
    }

    /** Everything, several times: about 50 minutes. */
    public static FanOutSettings full() {
        return new FanOutSettings(
                product(SESSIONS, BYTES, MESSAGES, MODES, List.of(1), 0, Contenders.ALL), 2, 5, 300, 80, true);
    }

    /** From a command line; options that are not given are as in {@link #shortSet()}. */
    static FanOutSettings parse(Options options) throws Options.Wrong {
        FanOutSettings preset = preset(options);
        return new FanOutSettings(
                cells(options, preset),
                options.number("--rounds", preset.rounds, 1, 1000),
                options.number("--turns", preset.turns, 1, 1000),
                options.number("--warmup-ms", preset.warmupMillis, 1, 600_000),
                options.number("--measure-ms", preset.measureMillis, 1, 600_000),
                options.has("--strace") || preset.strace);
    }

    private static FanOutSettings preset(Options options) {
        if (options.has("--quick")) {
            return quick();
        }
        return options.has("--full") ? full() : options.has("--medium") ? medium() : shortSet();
    }

    private static List<Cell> cells(Options options, FanOutSettings preset) throws Options.Wrong {
        Set<String> names =
                Set.of("--sessions", "--bytes", "--messages", "--modes", "--loops", "--window", "--contenders");
        if (names.stream().noneMatch(options::has)) {
            return preset.cells;
        }
        return product(
                options.numbers("--sessions", List.of(100), 1, 25_000),
                options.numbers("--bytes", List.of(64), 8, 1 << 20),
                options.numbers("--messages", List.of(32), 1, 4096),
                options.modes("--modes", List.of(Mode.INLINE)),
                options.numbers("--loops", List.of(1), 1, 64),
                options.number("--window", 0, 0, 1 << 16),
                options.contenders("--contenders", Contenders.ALL));
    }

    private static List<Cell> product(
            List<Integer> sessions,
            List<Integer> bytes,
            List<Integer> messages,
            List<Mode> modes,
            List<Integer> loops,
            int window,
            List<String> contenders) {
        List<Cell> cells = new ArrayList<>();
        for (int session : sessions) {
            for (Mode mode : modes) {
                for (int loop : loops) {
                    addCells(session, bytes, messages, mode, loop, window, contenders, cells);
                }
            }
        }
        return cells;
    }

    private static void addCells(
            int sessions,
            List<Integer> bytes,
            List<Integer> messages,
            Mode mode,
            int loops,
            int window,
            List<String> contenders,
            List<Cell> cells) {
        for (int size : bytes) {
            for (int count : messages) {
                cells.add(new Cell(sessions, size, count, mode, loops, window, contenders));
            }
        }
    }
}
