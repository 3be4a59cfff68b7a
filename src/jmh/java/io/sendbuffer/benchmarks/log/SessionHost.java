/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.PoolStats;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.benchmarks.net.CpuProbe;
import io.sendbuffer.benchmarks.net.JdkListener;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One loop of this library, and a pool. */
abstract class SessionHost extends Host {
    private static final long MAX_LEAVE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    final SendBufferPool pool;
    private final Setup setup;
    private final SendLoop loop;
    private final LoopRunner runner;
    private final JdkListener readers = new JdkListener();
    private final JdkListener others = new JdkListener();
    private final List<Session> idle = new ArrayList<>();

    SessionHost(Setup setup, SendLoop.Builder settings) throws IOException {
        this.setup = setup;
        SendBufferPool.Builder memory = SendBufferPool.builder().chunkSize(CHUNK_BYTES);
        this.pool = (setup.maxMemory() == 0 ? memory : memory.maxMemory(setup.maxMemory())).build();
        this.loop = settings.build();
        this.runner = loop.start();
    }

    @Override
    final Line ports() {
        return Line.of("port").with("number", readers.port()).with("others", others.port());
    }

    @Override
    final void accept() throws IOException {
        for (SocketChannel channel : readers.accept(setup.readers())) {
            join(add(channel, 0));
        }
        acceptOthers();
    }

    private void acceptOthers() throws IOException {
        for (SocketChannel channel : others.acceptSome(setup.others())) {
            Session session = add(channel, setup.kernelBytes());
            if (setup.role() == Setup.Role.STALLED) {
                join(session);
            } else {
                idle.add(session);
            }
        }
    }

    /** With a send buffer of that size; 0 for what the loop gives. */
    private Session add(SocketChannel channel, int sendBufferBytes) throws IOException {
        Session session = loop.add(channel, new SessionListener() {});
        if (sendBufferBytes > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, sendBufferBytes); // after the loop, which sets its own
        }
        return session;
    }

    @Override
    void renewStalled() throws IOException {
        long end = System.nanoTime() + MAX_LEAVE_NANOS;
        while (loop.sessionCount() > setup.readers()) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("only " + setup.readers() + " sessions were to stay, not " + loop.sessionCount());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        acceptOthers();
    }

    /** From now on the session gets what is published. */
    abstract void join(Session session);

    /** Publishes to all, or throws. */
    abstract void send(SendBuffer message);

    @Override
    final long tick(long stamp, byte[] body, Run.Part part, CpuProbe probe) {
        boolean sendAlone = part == Run.Part.APPEND;
        long nanos = 0;
        long before = probe.nanos();
        try (SendBuffer message = pool.acquire(Long.BYTES + body.length)) {
            message.putLong(stamp).putBytes(body).seal();
            if (sendAlone) {
                before = probe.nanos();
            }
            send(message);
            if (sendAlone) {
                nanos = probe.nanos() - before;
            }
        }
        return sendAlone ? nanos : probe.nanos() - before;
    }

    final List<Session> idle() {
        return idle;
    }

    @Override
    final int sessionCount() {
        return loop.sessionCount();
    }

    @Override
    final HostMemory memory() {
        PoolStats stats = pool.stats();
        return new HostMemory(
                stats.reservedBytes(), stats.pinnedBytes(), stats.inUseBytes(), stats.heapBytes(), stats.maxMemory());
    }

    @Override
    final long outstanding() {
        return pool.stats().outstandingBuffers();
    }

    @Override
    final long loopCpuNanos() {
        return ManagementFactory.getThreadMXBean()
                .getThreadCpuTime(runner.thread().getId());
    }

    @Override
    public void close() {
        runner.close();
        try {
            others.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    final void closePool() {
        pool.close();
    }
}
