/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameFormat;
import io.sendbuffer.frame.FrameReader;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Frames of 32 bytes, 100 in a read: for each frame, in place, and where the last of each read is cut. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class FrameBenchmark {
    private static final int FRAMES = 100;
    private static final int CONTENT = 32;

    private final ByteBuffer prefixed = ByteBuffer.allocateDirect(FRAMES * (CONTENT + 4));
    private final ByteBuffer lines = ByteBuffer.allocateDirect(FRAMES * (CONTENT + 1));
    private final SendBufferPool pool =
            SendBufferPool.builder().chunkSize(1 << 10).build();
    private final FrameReader prefixedReader = FrameFormat.lengthField(4).reader(pool, this::onFrame);
    private final FrameReader lineReader = FrameFormat.lines().reader(pool, this::onFrame);
    private long sum;

    @Setup(Level.Trial)
    public void fill() {
        for (int i = 0; i < FRAMES; i++) {
            prefixed.putInt(CONTENT).put(new byte[CONTENT]);
            lines.put(new byte[CONTENT]).put((byte) '\n');
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        prefixedReader.close();
        lineReader.close();
        pool.close();
    }

    private void onFrame(ByteBuffer frame) {
        sum += frame.get(frame.position());
    }

    /** What every server writes itself. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long byHand() {
        prefixed.clear();
        while (prefixed.hasRemaining()) {
            int length = prefixed.getInt();
            int end = prefixed.position() + length;
            sum += prefixed.get(prefixed.position());
            prefixed.position(end);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lengthPrefixed() {
        prefixedReader.read(prefixed.clear());
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lengthPrefixedWithOneCut() {
        prefixedReader.read(prefixed.clear().limit(prefixed.capacity() - 50));
        prefixedReader.read(prefixed.limit(prefixed.capacity()));
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long lines() {
        lineReader.read(lines.clear());
        return sum;
    }
}
