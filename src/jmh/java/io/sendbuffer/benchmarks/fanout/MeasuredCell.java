/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Pair;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A saturated run, measured. */
final class MeasuredCell implements CellRun {
    private static final int EXTRA_SECONDS = 60;

    /** A warm-up continues while much is being compiled, for at most this many times its length. */
    private static final long MAX_WARMUPS = 4;

    /** The code is compiled by then, but caches and branch predictors have served other contenders meanwhile. */
    private static final long LATER_WARMUP_MILLIS = 20;

    /** The metrics and their units. */
    private static final Map<String, String> METRICS = new LinkedHashMap<>();

    static {
        METRICS.put("cpu", "ns/message/session");
        METRICS.put("publisher", "ns/message");
        METRICS.put("processCpu", "ns/message/session");
        METRICS.put("throughput", "messages/s");
        METRICS.put("garbage", "B/message/session");
        METRICS.put("contextSwitches", "1/message/session");
    }

    private final FanOutSettings settings;

    MeasuredCell(FanOutSettings settings) {
        this.settings = settings;
    }

    @Override
    public int turns() {
        return settings.turns();
    }

    @Override
    public String run(Pair pair, Cell cell, String contender, boolean first, Measurements measurements)
            throws IOException, InterruptedException {
        long warmup = first ? settings.warmupMillis() : LATER_WARMUP_MILLIS;
        Line order = Line.of("cell")
                .with("bytes", cell.bytes())
                .with("messages", cell.messages())
                .with("window", cell.window())
                .with("warmupMs", warmup)
                .with("maxWarmupMs", MAX_WARMUPS * warmup)
                .with("measureMs", settings.measureMillis());
        long seconds = (MAX_WARMUPS * warmup + settings.measureMillis()) / 1000 + EXTRA_SECONDS;
        Line result = pair.server().ask(order, "result", seconds);
        METRICS.forEach((metric, unit) -> {
            if (result.has(metric)) {
                measurements.add(cell, contender, metric, unit, result.real(metric));
            }
        });
        String cpu = String.format(Locale.ROOT, "%,.1f ns", result.real("cpu"));
        return result.has("garbage")
                ? cpu + String.format(Locale.ROOT, ", %,.2f B garbage", result.real("garbage"))
                : cpu;
    }
}
