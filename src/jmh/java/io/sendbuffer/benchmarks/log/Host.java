/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.CpuProbe;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Resp;
import java.io.IOException;

/**
 * One loop with its sessions, and what publishes to them. A process has only one kind, so that calls stay monomorphic.
 */
abstract class Host implements AutoCloseable {
    /** The pool's default. */
    static final int CHUNK_BYTES = 128 << 10;

    static Host of(Setup setup) throws IOException, InterruptedException {
        return switch (setup.contender()) {
            case Setup.LOG -> new LogHost(setup);
            case Setup.GROUP, Setup.DEFAULTS, Setup.SKIP -> new GroupHost(setup);
            case Resp.SAMPLE, Resp.REDIS -> new RespHost(setup);
            default -> new NettyHost(setup);
        };
    }

    /** The ports, for the reader's command line. */
    abstract Line ports();

    /** What a subscriber receives of a message of that size. */
    int wireBytes(int bytes) {
        return bytes;
    }

    /** Waits until all are connected. */
    abstract void accept() throws IOException, InterruptedException;

    /**
     * Publishes a message to all, or throws: acquires it, writes it, sends it and releases it.
     *
     * @return the CPU time of a part of that, with what asking for it costs
     */
    abstract long tick(long stamp, byte[] body, Run.Part part, CpuProbe probe);

    /** Lets the idle sessions join and leave. */
    abstract Churn churn(Run run);

    /** Takes those that connect now in place of those that stalled, which leave: where the server ends some. */
    void renewStalled() throws IOException {
        throw new UnsupportedOperationException("this server ends none that stall");
    }

    /**
     * Adds what is known about those that fell behind. All that was published has been received.
     *
     * @throws IllegalStateException if one that reads missed something
     */
    abstract void describe(Line answer);

    abstract int sessionCount();

    abstract long loopCpuNanos();

    abstract HostMemory memory();

    /** What was published, or is being received, and did not come back: buffers, or bytes. */
    abstract long outstanding();

    /** Ends the loop with its sessions; what the pool has handed out is on its way back. */
    @Override
    public abstract void close();

    /** Collects the server's heap, if it has one: so that all begin alike, whatever came before. */
    void settle() throws IOException, InterruptedException {
        System.gc();
    }

    /** What is to be done when nothing is outstanding any more. */
    void closePool() {}
}
