/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import java.util.Random;
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

/**
 * Replaces one of many live buffers by a new one, the oldest or a random one, as a server does with receivers of
 * different speed. Bump allocation has to keep a whole chunk while one slice of it is live; this shows the cost in
 * time, and the memory benchmark the cost in bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Pool.JMH_EXECUTOR, Pool.JMH_EXECUTOR_CLASS})
public class AliveBenchmark {
    private static final int LENGTH = 64;
    private static final long SEED = 42;

    @Param({"sendbuffer", "netty-adaptive", "netty-pooled", "jetty", "direct", "heap"})
    public String contender = "";

    @Param({"1", "8192"})
    public int alive;

    @Param({"fifo", "random"})
    public String order = "";

    private Pool pool = Pool.named("heap");
    private Object[] buffers = {};
    private int[] victims = {};
    private int next;

    @Setup(Level.Trial)
    public void open() {
        pool = Pool.named(contender);
        buffers = new Object[alive];
        for (int i = 0; i < alive; i++) {
            buffers[i] = pool.acquire(LENGTH, i);
        }
        victims = order.equals("fifo") ? oneAfterTheOther() : anyOf();
    }

    private int[] oneAfterTheOther() {
        int[] indexes = new int[alive];
        for (int i = 0; i < alive; i++) {
            indexes[i] = i;
        }
        return indexes;
    }

    /** Drawn in advance, so that drawing is not measured; its length is a power of two. */
    private int[] anyOf() {
        return new Random(SEED).ints(1 << 20, 0, alive).toArray();
    }

    @TearDown(Level.Trial)
    public void close() {
        for (Object buffer : buffers) {
            pool.release(buffer);
        }
        pool.close();
    }

    @Benchmark
    public void replace() {
        int index = victims[next & (victims.length - 1)];
        next++;
        pool.release(buffers[index]);
        buffers[index] = pool.acquire(LENGTH, next);
    }
}
