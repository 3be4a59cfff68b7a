/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One tick to all receivers. Their channels take everything at once. The time is that of the whole tick. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Pool.JMH_EXECUTOR, Pool.JMH_EXECUTOR_CLASS})
public class DrainBenchmark {
    @Param({"sendbuffer", "sendbuffer-batch", "netty", "copy"})
    public String contender = "";

    @Param({"1", "100", "10000"})
    public int sessions;

    @Param({"1", "32"})
    public int messages;

    private Fan fan = Fan.named("copy", 0);
    private long ticks;

    @Setup(Level.Trial)
    public void open() {
        fan = Fan.named(contender, sessions);
    }

    @Benchmark
    public void tick() {
        fan.tick(messages, ticks++);
    }

    /** A benchmark that loses bytes measures nothing. */
    @TearDown(Level.Trial)
    public void close() {
        long expected = ticks * messages * sessions * Fan.LENGTH;
        long taken = fan.taken();
        fan.close();
        if (taken != expected) {
            throw new IllegalStateException("sent " + expected + " bytes, the channels took " + taken);
        }
    }
}
