/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.RefusalListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.time.Duration;
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
 * A broadcast to members that take everything and members that take nothing, whose queues are full. What one of the
 * latter costs is the difference for as many of them; what one of the former costs, the time without the others. Each
 * stalled member has a thread that waits in a write of its own.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 3,
        jvmArgsAppend = {Pool.JMH_EXECUTOR, Pool.JMH_EXECUTOR_CLASS})
public class ParkingBenchmark {
    private static final int LENGTH = 64;
    private static final int QUEUED = 4;

    @Param("1000")
    public int healthy;

    @Param({"0", "1000"})
    public int stalled;

    @Param({"true", "false"})
    public boolean notifies;

    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final TakingChannel taking = new TakingChannel();
    private final StalledChannel taken = new StalledChannel();
    private final BlockingSessions inline =
            BlockingSessions.builder().writeMode(WriteMode.INLINE).build();
    private final BlockingSessions byThread = BlockingSessions.builder()
            .writeMode(WriteMode.LOOP)
            .queueLimits(QueueLimits.DEFAULT.withMaxQueuedMessages(QUEUED))
            .writeTimeout(Duration.ofHours(1))
            .build();
    private SessionGroup group = new SessionGroup();
    private long broadcasts;

    @Setup(Level.Trial)
    public void open() throws IOException {
        if (notifies) {
            RefusalListener listener = session -> {};
            group = new SessionGroup(listener);
        }
        for (int i = 0; i < Math.max(healthy, stalled); i++) { // mixed, as they are in a server
            if (i < healthy) {
                group.add(inline.addOutput(taking, new SessionListener() {}));
            }
            if (i < stalled) {
                Session session = byThread.addOutput(taken, new SessionListener() {});
                fill(session);
                group.add(session);
            }
        }
    }

    private void fill(Session session) {
        try (SendBuffer message = pool.acquire(LENGTH).seal(LENGTH)) {
            OfferResult result;
            do {
                result = session.send(message);
            } while (result == OfferResult.QUEUED);
        }
    }

    @Benchmark
    public int broadcast() {
        try (SendBuffer message =
                pool.acquire(LENGTH).putLong(LENGTH - Long.BYTES, broadcasts++).seal(LENGTH)) {
            return group.broadcast(message);
        }
    }

    /** A benchmark that loses bytes measures nothing. */
    @TearDown(Level.Trial)
    public void close() {
        long written = taking.taken();
        taken.release();
        inline.close();
        group.forEach(Session::abort);
        byThread.close();
        while (pool.stats().outstandingBuffers() > 0) {
            Thread.onSpinWait(); // the writes return, with the last references
        }
        pool.close();
        if (written != broadcasts * healthy * LENGTH) {
            throw new IllegalStateException(broadcasts + " broadcasts, the channel took " + written + " bytes");
        }
    }
}
