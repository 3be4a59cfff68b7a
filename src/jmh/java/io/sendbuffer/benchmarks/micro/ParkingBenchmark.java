/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.OverrunPolicy;
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
import java.util.ArrayList;
import java.util.List;
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
 * stalled member has a thread that waits in a write of its own, of one message, with others behind it.
 *
 * <p>Only a queue that refuses is parked, and not visited. One that drops its oldest message takes each new one, and so
 * does one in which a message of the same key waits: these are visited.
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

    /**
     * What a full queue does: refuses, of which a listener may be notified, drops its oldest message, or replaces one.
     */
    @Param({"hold", "holdNotified", "skip", "keyed"})
    public String policy = "";

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
    private final List<Session> behind = new ArrayList<>();
    private SessionGroup group = new SessionGroup();
    private boolean isKeyed;
    private long made;
    private long broadcasts;

    @Setup(Level.Trial)
    public void open() throws IOException {
        isKeyed = policy.equals("keyed");
        if (policy.equals("holdNotified")) {
            RefusalListener listener = session -> {};
            group = new SessionGroup(listener);
        }
        for (int i = 0; i < Math.max(healthy, stalled); i++) { // mixed, as they are in a server
            if (i < healthy) {
                group.add(inline.addOutput(taking, new SessionListener() {}));
            }
            if (i < stalled) {
                Session session = byThread.addOutput(taken, new SessionListener() {});
                session.overrunPolicy(overrunPolicy());
                fill(session);
                behind.add(session);
                group.add(session);
            }
        }
    }

    private OverrunPolicy overrunPolicy() {
        return switch (policy) {
            case "hold", "holdNotified", "keyed" -> OverrunPolicy.hold();
            case "skip" -> OverrunPolicy.skip();
            default -> throw new IllegalArgumentException("no such policy: " + policy);
        };
    }

    /** What is being written is neither dropped nor replaced: that is to be the first message alone. */
    private void fill(Session session) {
        int before = taken.writes();
        send(session);
        while (taken.writes() == before) {
            Thread.onSpinWait();
        }
        for (int i = 1; i < QUEUED; i++) {
            send(session);
        }
    }

    private void send(Session session) {
        try (SendBuffer message = next()) {
            session.send(message);
        }
    }

    /** With the key of a message that waits in each stalled queue: the last ones have each one of these keys. */
    private SendBuffer next() {
        SendBuffer message = pool.acquire(LENGTH);
        if (isKeyed) {
            message.conflate(made % (QUEUED - 1));
        }
        return message.putLong(LENGTH - Long.BYTES, made++).seal(LENGTH);
    }

    @Benchmark
    public int broadcast() {
        broadcasts++;
        try (SendBuffer message = next()) {
            return group.broadcast(message);
        }
    }

    /** A benchmark that loses bytes, or in which a full queue did something else, measures nothing. */
    @TearDown(Level.Trial)
    public void close() {
        long written = taking.taken();
        requireLost(policy.equals("skip") || isKeyed ? broadcasts : 0);
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

    private void requireLost(long messages) {
        for (Session session : behind) {
            long lost = session.droppedMessages() + session.conflatedMessages();
            if (lost != messages) {
                throw new IllegalStateException(
                        "a member that stalls lost " + lost + " messages, and not " + messages + ", with " + policy);
            }
        }
    }
}
