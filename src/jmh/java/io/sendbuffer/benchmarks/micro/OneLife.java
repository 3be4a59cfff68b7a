/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A pool, and the life of one of its buffers, from acquire to release. The benchmarks choose the length and the
 * threads.
 */
@State(Scope.Benchmark)
public abstract class OneLife {
    @Param({"sendbuffer", "netty-adaptive", "netty-pooled", "jetty", "direct", "heap"})
    public String contender = "";

    private Pool pool = Pool.named("heap");
    private long value; // not final, or the compiler would take it for a constant

    @Setup(Level.Trial)
    public void open() {
        pool = Pool.named(contender);
    }

    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    /** Returns a value for JMH to consume, so that no buffer is optimized away. */
    final Object live(int length) {
        Object buffer = pool.acquire(length, value);
        pool.release(buffer);
        return buffer;
    }
}
