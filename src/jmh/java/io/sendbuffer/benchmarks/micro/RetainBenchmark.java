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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Retain and release of a buffer that stays alive, by one thread, and by two at once. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Pool.JMH_EXECUTOR, Pool.JMH_EXECUTOR_CLASS})
public class RetainBenchmark {
    @Param({"sendbuffer", "netty-adaptive", "netty-pooled", "jetty"})
    public String contender = "";

    private Pool pool = Pool.named("heap");
    private Object buffer = pool;

    @Setup(Level.Trial)
    public void open() {
        pool = Pool.named(contender);
        buffer = pool.acquire(64, 0);
    }

    @TearDown(Level.Trial)
    public void close() {
        pool.release(buffer);
        pool.close();
    }

    @Benchmark
    @Threads(1)
    public void alone() {
        pool.retain(buffer);
        pool.release(buffer);
    }

    @Benchmark
    @Threads(2)
    public void contended() {
        pool.retain(buffer);
        pool.release(buffer);
    }
}
