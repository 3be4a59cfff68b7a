/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.net.Mode;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One combination of parameters to measure.
 *
 * @param loops that write
 * @param window how many ticks may be in flight; 0 for so few that no backlog forms
 * @param contenders the measured contenders; those that do not exist in this mode, or do not differ from others here,
 *     are left out
 */
public record Cell(int sessions, int bytes, int messages, Mode mode, int loops, int window, List<String> contenders) {
    private static final long MAX_TICK_BYTES = 64 << 20;

    public Cell {
        contenders = contenders.stream()
                .filter(name -> Contenders.exists(name, mode, loops) && Contenders.differs(name, messages))
                .toList();
    }

    /** With one loop and the usual window. */
    public Cell(int sessions, int bytes, int messages, Mode mode, List<String> contenders) {
        this(sessions, bytes, messages, mode, 1, 0, contenders);
    }

    /** A tick with a larger total size takes more kernel memory than may be available. */
    boolean isTooLarge() {
        return (long) sessions * bytes * messages > MAX_TICK_BYTES;
    }

    SortedMap<String, String> params() {
        SortedMap<String, String> params = new TreeMap<>(Map.of(
                "sessions", String.valueOf(sessions),
                "bytes", String.valueOf(bytes),
                "messages", String.valueOf(messages),
                "mode", mode.toString()));
        if (loops != 1) {
            params.put("loops", String.valueOf(loops));
        }
        if (window != 0) {
            params.put("window", String.valueOf(window));
        }
        return params;
    }

    @Override
    public String toString() {
        String text = String.format("%,d sessions, %,d B × %d %s", sessions, bytes, messages, mode);
        return loops == 1 ? text : text + ", " + loops + " loops";
    }
}
