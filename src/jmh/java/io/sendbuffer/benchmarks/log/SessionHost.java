/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.benchmarks.net.JdkListener;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * One loop with its sessions, and what publishes to them. A process has only one kind, so that calls stay monomorphic.
 */
abstract class Host implements AutoCloseable {
    /** The pool's default. */
    static final int CHUNK_BYTES = 128 << 10;

    final SendBufferPool pool = SendBufferPool.builder().chunkSize(CHUNK_BYTES).build();
    private final Setup setup;
    private final SendLoop loop;
    private final LoopRunner runner;
    private final JdkListener readers = new JdkListener();
    private final JdkListener others = new JdkListener();
    private final List<Session> idle = new ArrayList<>();

    Host(Setup setup, SendLoop.Builder settings) throws IOException {
        this.setup = setup;
        this.loop = settings.build();
        this.runner = loop.start();
    }

    /** The ports, for the reader's command line. */
    final Line ports() {
        return Line.of("port").with("number", readers.port()).with("others", others.port());
    }

    /** Waits until all are connected. */
    final void accept() throws IOException {
        for (SocketChannel channel : readers.accept(setup.readers())) {
            join(add(channel, 0));
        }
        for (SocketChannel channel : others.accept(setup.others())) {
            Session session = add(channel, setup.kernelBytes());
            if (setup.role() == Setup.Role.STALLED) {
                join(session);
            } else {
                idle.add(session);
            }
        }
    }

    /** With a send buffer of that size; 0 for what the system gives. */
    private Session add(SocketChannel channel, int sendBufferBytes) throws IOException {
        if (sendBufferBytes > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, sendBufferBytes);
        }
        return loop.add(channel, new SessionListener() {});
    }

    /** From now on the session gets what is published. */
    abstract void join(Session session);

    /** Publishes to all, or throws. */
    abstract void send(SendBuffer message);

    /** Lets the idle sessions join and leave. */
    abstract Churn churn(Run run);

    /** Adds what is known about subscribers that fell behind. */
    abstract void describe(Line answer);

    final List<Session> idle() {
        return idle;
    }

    final int sessionCount() {
        return loop.sessionCount();
    }

    final long loopCpuNanos() {
        return ManagementFactory.getThreadMXBean()
                .getThreadCpuTime(runner.thread().getId());
    }

    /** Ends the loop with its sessions; what the pool has handed out is on its way back. */
    @Override
    public void close() {
        runner.close();
    }
}
