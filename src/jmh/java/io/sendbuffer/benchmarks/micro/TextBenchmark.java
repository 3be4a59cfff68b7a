/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.charset.StandardCharsets;
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

/** Text and digits into a message, beside the way through a string and an array. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class TextBenchmark {
    private static final int CAPACITY = 4_096;

    @Param({"ascii 16", "ascii 128", "ascii 1024", "mixed 128"})
    public String text = "";

    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final SendBuffer buffer = pool.acquire(CAPACITY);
    private String content = "";
    private long number;

    @Setup(Level.Trial)
    public void fill() {
        int length = Integer.parseInt(text.substring(6));
        content = (text.startsWith("ascii") ? "abcdefgh" : "abcd\u00e9\ud55cgh").repeat(length / 8);
    }

    @TearDown(Level.Trial)
    public void release() {
        buffer.release();
        pool.close();
    }

    @Benchmark
    public int putUtf8() {
        return buffer.putUtf8(0, content);
    }

    @Benchmark
    public int utf8Length() {
        return SendBuffer.utf8Length(content);
    }

    /** With the garbage of the array. */
    @Benchmark
    public int getBytesAndPut() {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        buffer.putBytes(0, bytes, 0, bytes.length);
        return bytes.length;
    }

    /** The mean has nine digits. */
    @Benchmark
    public int putLongAscii() {
        number = number * 6_364_136_223_846_793_005L + 1;
        return buffer.putLongAscii(0, number >> 34);
    }

    /** With the garbage of the string. */
    @Benchmark
    public SendBuffer toStringAndPut() {
        number = number * 6_364_136_223_846_793_005L + 1;
        return buffer.putAscii(0, Long.toString(number >> 34));
    }
}
