/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The runs that a server makes on request. Every run ends when the reader has received exactly the bytes that were
 * sent.
 */
final class Runs {
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long SETTLE_MILLIS = 150;
    private static final double QUIET_PART = 0.1;

    private final Contender contender;
    private final int sessions;
    private final SharedCounters counters;
    private final Pause pause = new Pause();

    Runs(Contender contender, int sessions, SharedCounters counters) {
        this.contender = contender;
        this.sessions = sessions;
        this.counters = counters;
    }

    /** A saturated run, measured after a warm-up. */
    Line cell(Line order) throws Exception {
        Shape shape = shape(order);
        int window = order.has("window") ? order.number("window") : 0;
        warmUp(shape, window, order.longNumber("warmupMs"), order.longNumber("maxWarmupMs"));
        counters.requireNoMore();
        long publisherBefore = publisherCpuNanos();
        Usage before = contender.usage(pause);
        long ticks = saturate(shape, window, Long.MAX_VALUE, order.longNumber("measureMs"));
        Usage after = contender.usage(pause);
        long publisherAfter = publisherCpuNanos();
        counters.requireNoMore();
        Line result = result(before, after, ticks, shape);
        if (contender.publisherCpuNanos() >= 0) {
            result.with("publisher", (double) (publisherAfter - publisherBefore) / ticks / shape.messages());
        }
        return result;
    }

    /** Without the wait for the reader, and what it costs to measure that. */
    private long publisherCpuNanos() {
        return contender.publisherCpuNanos() - pause.cpuNanos() - pause.askingNanos();
    }

    /**
     * Warms up until the JVM's own threads, mostly those of the compiler, have little to do. On a machine that is also
     * busy with other work no fixed time is enough, and a contender with more code to compile would be measured
     * uncompiled.
     */
    private void warmUp(Shape shape, int window, long minMillis, long maxMillis) throws Exception {
        long start = System.nanoTime();
        long millis;
        int quiet = 0;
        do {
            Usage before = contender.usage(pause);
            saturate(shape, window, Long.MAX_VALUE, Math.min(minMillis, SETTLE_MILLIS));
            quiet = contender.usage(pause).ownThreadsPartSince(before) < QUIET_PART ? quiet + 1 : 0;
            millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        } while (millis < minMillis || (quiet < 2 && millis < maxMillis));
    }

    private static Line result(Usage before, Usage after, long ticks, Shape shape) {
        double sent = (double) ticks * shape.messages() * shape.sessions();
        double seconds = (after.nanoTime() - before.nanoTime()) / 1e9;
        Line result = Line.of("result")
                .with("ticks", ticks)
                .with("ticksPerSecond", ticks / seconds)
                .with("throughput", sent / seconds)
                .with("cpu", (after.cpuNanos() - before.cpuNanos()) / sent)
                .with("processCpu", (after.processCpuNanos() - before.processCpuNanos()) / sent);
        if (before.allocatedBytes() >= 0) {
            result.with("garbage", (after.allocatedBytes() - before.allocatedBytes()) / sent);
        }
        if (before.contextSwitches() >= 0) {
            // The exclusion of the wait may subtract one too many.
            long switches = Math.max(0, after.contextSwitches() - before.contextSwitches());
            result.with("contextSwitches", switches / sent);
        }
        return result;
    }

    /** Sends a number of ticks while an outside tool counts. */
    Line ticks(Line order) throws Exception {
        return Line.of("done").with("ticks", saturate(shape(order), 0, order.longNumber("count"), 60_000));
    }

    private Shape shape(Line order) {
        Shape shape = new Shape(sessions, order.number("bytes"), order.number("messages"));
        contender.shape(shape);
        counters.shape(shape);
        return shape;
    }

    /** The memory of each session, idle, beside what the process had before the first one. */
    Line memory(ProcessMemory before) throws IOException {
        ProcessMemory now = ProcessMemory.now();
        return Line.of("memory")
                .with("heap", (double) (now.heap() - before.heap()) / sessions)
                .with("other", (double) (now.other() - before.other()) / sessions)
                .with("threads", (double) (now.threads() - before.threads()) / sessions);
    }

    private long saturate(Shape shape, int windowTicks, long ticks, long millis) throws Exception {
        Shape received = new Shape(sessions, contender.wireBytes(shape.bytes()), shape.messages());
        Window window = windowTicks == 0 ? new Window(counters, received) : new Window(counters, received, windowTicks);
        SaturatedPhase phase =
                new SaturatedPhase(contender, window, pause, ticks, TimeUnit.MILLISECONDS.toNanos(millis));
        contender.run(phase);
        window.drain();
        return phase.ticks();
    }

    /** One message per tick, which carries the time at which it was due. */
    Line pace(Line order) throws Exception {
        Shape shape = new Shape(sessions, order.number("bytes"), 1);
        contender.shape(shape);
        double rate = order.real("rate");
        long warmup = (long) (rate * order.longNumber("warmupMs") / 1e3);
        long measured = Math.max(1, (long) (rate * order.longNumber("measureMs") / 1e3));
        Window window = new Window(counters, shape);
        PacedPhase phase =
                new PacedPhase(contender, window, Boolean.parseBoolean(order.text("spin")), rate, warmup + measured);
        counters.recordFrom(phase.due(warmup));
        contender.run(phase);
        window.drain();
        return Line.of("paced").with("ticks", measured);
    }

    Line end() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (contender.outstandingBuffers() > 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(POLL_NANOS); // a loop has written all, and is about to release it
        }
        return Line.of("ended").with("outstandingBuffers", contender.outstandingBuffers());
    }
}
