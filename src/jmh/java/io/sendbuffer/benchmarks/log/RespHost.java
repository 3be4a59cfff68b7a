/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.CpuProbe;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.ProcessTasks;
import io.sendbuffer.benchmarks.net.RelayProcess;
import io.sendbuffer.benchmarks.net.Resp;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks Redis's protocol, with its default limits, which subscribers connect to; published to on a
 * connection, without a wait for the answers. What it costs is its process's: this one only publishes.
 */
final class RespHost extends Host {
    /** What a subscriber that stalls is behind of has been published by then, whatever the kernel took of it. */
    private static final long BEHIND_BYTES = 256 << 10;

    private static final long MAX_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final Setup setup;
    private final int port;
    private final RelayProcess process;
    private final SocketChannel publisher;
    private final ByteBuffer command;
    private long published;

    /** When those that stall connected. */
    private long publishedBefore;

    // Of the thread that reads the answers.
    private volatile long answered;
    private volatile int receivers;
    private volatile @Nullable IOException failure;

    RespHost(Setup setup) throws IOException, InterruptedException {
        this.setup = setup;
        this.port = RelayProcess.freePort();
        this.process = Resp.start(setup.contender(), port, setup.readers() + setup.others());
        this.publisher = RelayProcess.connect(port);
        this.command = ByteBuffer.allocateDirect(Resp.MAX_BYTES_BESIDE + setup.bytes());
        Thread answers = new Thread(this::readAnswers, "answers");
        answers.setDaemon(true);
        answers.start();
    }

    /** A line for each message: how many subscribers got it. */
    private void readAnswers() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(64 << 10);
        int number = 0;
        long count = 0;
        try {
            while (publisher.read(bytes.clear()) >= 0) {
                bytes.flip();
                while (bytes.hasRemaining()) {
                    byte b = bytes.get();
                    if (b == ':') {
                        number = 0;
                    } else if (b == '\n') {
                        receivers = number;
                        answered = ++count;
                    } else if (b >= '0' && b <= '9') {
                        number = 10 * number + b - '0';
                    } else if (b != '\r') {
                        throw new IOException("not the answer to a message: " + (char) b);
                    }
                }
            }
            failure = new EOFException("the server has closed the publisher's connection");
        } catch (IOException e) {
            failure = e;
        }
    }

    @Override
    Line ports() {
        return Line.of("port").with("number", port).with("others", port);
    }

    /** Each subscriber is known to the server when it has been answered; the reader waits for that. */
    @Override
    void accept() {}

    @Override
    int wireBytes(int bytes) {
        return Resp.wireBytes(bytes);
    }

    @Override
    long tick(long stamp, byte[] body, Run.Part part, CpuProbe probe) {
        try {
            IOException cause = failure;
            if (cause != null) {
                throw cause;
            }
            Resp.putPublish(command.clear(), stamp, body);
            command.flip();
            while (command.hasRemaining()) {
                publisher.write(command);
            }
            published++;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long before = probe.nanos();
        return probe.nanos() - before; // the publisher does not count
    }

    @Override
    Churn churn(Run run) {
        throw new UnsupportedOperationException("sessions subscribe to logs alone");
    }

    /** The server accepts them by itself; the reader waits for that. */
    @Override
    void renewStalled() {
        publishedBefore = published;
    }

    @Override
    void describe(Line answer) {
        long end = System.nanoTime() + MAX_ANSWER_NANOS;
        while (answered < published) {
            if (failure != null || System.nanoTime() - end > 0) {
                throw new IllegalStateException("only " + answered + " of " + published + " messages were answered");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        boolean areBehind = (published - publishedBefore) * setup.bytes() >= BEHIND_BYTES;
        answer.with("behind", areBehind ? setup.others() : 0);
    }

    /** Subscribers that got the last message. */
    @Override
    int sessionCount() {
        return receivers;
    }

    @Override
    long loopCpuNanos() {
        return ProcessTasks.cpuNanos(process.pid());
    }

    /** All of the process: that is the only thing that one can see of both servers. */
    @Override
    HostMemory memory() {
        long resident = ProcessTasks.residentBytes(process.pid());
        return new HostMemory(resident, resident, resident, 0, setup.maxMemory());
    }

    @Override
    void settle() throws InterruptedException {
        if (setup.contender().equals(Resp.SAMPLE)) {
            String jcmd =
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            if (!RelayProcess.succeeds(List.of(jcmd, String.valueOf(process.pid()), "GC.run"))) {
                throw new IllegalStateException("the heap of " + setup + " cannot be collected");
            }
        }
    }

    @Override
    long outstanding() {
        return 0;
    }

    @Override
    public void close() {
        try {
            publisher.close();
            process.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
