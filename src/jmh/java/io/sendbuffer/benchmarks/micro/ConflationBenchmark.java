/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.Conflation;
import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendQueue;
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
 * One offer to a queue in which a message of each key waits: it replaces the older one of its key, in its place or at
 * the end, where it leaves a hole; with a notice, the loss is counted where it was, too. Keys come in an order that no
 * cache foresees; a message of each is made beforehand, and offered again and again, so what is measured is the search,
 * the exchange and the counts, without an acquire. No notice is made: nothing is written.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class ConflationBenchmark {
    private static final int LENGTH = 16;

    /** A prime, so that all keys have their turn. */
    private static final int STEP = 514_229;

    @Param({"100", "10000", "1000000"})
    public int keys;

    @Param({"inPlace", "atEnd", "atEndWithNotice"})
    public String how = "";

    private final SendBufferPool pool =
            SendBufferPool.builder().maxMemory(1L << 30).build();
    private final SendQueue queue = new SendQueue(QueueLimits.ofBytes(1L << 30).withMaxQueuedMessages(1 << 24));
    private SendBuffer[] messages = {};
    private int next;

    @Setup(Level.Trial)
    public void fill() {
        queue.conflation(conflation());
        messages = new SendBuffer[keys];
        for (int key = 0; key < keys; key++) {
            messages[key] = pool.acquire(LENGTH).conflate(key).seal(LENGTH);
            queue.offer(messages[key]);
        }
    }

    private Conflation conflation() {
        return switch (how) {
            case "inPlace" -> Conflation.inPlace();
            case "atEnd" -> Conflation.atEnd();
            case "atEndWithNotice" -> Conflation.atEnd().withNotice(gap -> null);
            default -> throw new IllegalArgumentException("no such conflation: " + how);
        };
    }

    @Benchmark
    public OfferResult replace() {
        next = (next + STEP) % keys;
        return queue.offer(messages[next]);
    }

    /** A benchmark that replaces nothing measures something else. */
    @TearDown(Level.Trial)
    public void close() {
        int queued = queue.queuedMessages();
        queue.close();
        for (SendBuffer message : messages) {
            message.release();
        }
        pool.close();
        if (queued != keys) {
            throw new IllegalStateException(queued + " messages waited, of " + keys + " keys");
        }
    }
}
