/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Acquire, write 8 bytes, seal, release, on one thread, with no other live buffer. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Pool.JMH_EXECUTOR, Pool.JMH_EXECUTOR_CLASS})
public class LifeBenchmark extends OneLife {
    @Param({"64", "512", "4096", "65536"})
    public int length;

    @Benchmark
    @Threads(1)
    public Object oneThread() {
        return live(length);
    }

    @Benchmark
    @Threads(2)
    public Object twoThreads() {
        return live(length);
    }

    @Benchmark
    @Threads(8)
    public Object eightThreads() {
        return live(length);
    }
}
