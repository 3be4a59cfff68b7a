/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
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
import org.openjdk.jmh.infra.Control;

/**
 * One thread acquires, writes and seals, another releases: a sender and a loop that drains. The time is that of one
 * message passing through both; it includes the queue between them, which is the same for all.
 */
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Pool.JMH_EXECUTOR, Pool.JMH_EXECUTOR_CLASS, HandOffBenchmark.AGRONA_FLAG})
public class HandOffBenchmark {
    /** For Agrona's queue between the threads. */
    static final String AGRONA_FLAG = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";

    private static final int QUEUED = 1024;
    private static final int SPINS = 100;

    @Param({"sendbuffer", "netty-adaptive", "netty-pooled", "jetty", "direct", "heap"})
    public String contender = "";

    @Param({"64", "4096"})
    public int length;

    private Pool pool = Pool.named("heap");
    private final OneToOneConcurrentArrayQueue<Object> queue = new OneToOneConcurrentArrayQueue<>(QUEUED);

    /** The state of one thread; its writes are not on a cache line that the other thread reads. */
    @State(Scope.Thread)
    public static class Turn {
        private long value;

        /**
         * Spins, and then yields to the other thread: if both share a processor, the benchmark would otherwise measure
         * only the spinning.
         */
        private final IdleStrategy idle = new BackoffIdleStrategy(SPINS, Long.MAX_VALUE, 1, 1);
    }

    @Setup(Level.Trial)
    public void open() {
        pool = Pool.named(contender);
    }

    @TearDown(Level.Iteration)
    public void drain() {
        Object left;
        while ((left = queue.poll()) != null) {
            pool.release(left);
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    @Benchmark
    @Group("releasedByAnother")
    @GroupThreads(1)
    public void acquire(Control control, Turn turn) {
        Object buffer = pool.acquire(length, turn.value++);
        while (!queue.offer(buffer)) {
            if (control.stopMeasurement) {
                pool.release(buffer);
                return;
            }
            turn.idle.idle();
        }
        turn.idle.reset();
    }

    @Benchmark
    @Group("releasedByAnother")
    @GroupThreads(1)
    public void release(Control control, Turn turn) {
        Object buffer;
        while ((buffer = queue.poll()) == null) {
            if (control.stopMeasurement) {
                return;
            }
            turn.idle.idle();
        }
        turn.idle.reset();
        pool.release(buffer);
    }
}
