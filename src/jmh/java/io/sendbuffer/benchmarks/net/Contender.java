/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.lang.management.ManagementFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** One way to send the same bytes to many sessions. A process has only one, so that its call sites stay monomorphic. */
public abstract class Contender implements AutoCloseable {
    /** Publishes. One thread for all phases, as in a server. */
    private final ExecutorService publisher = Executors.newSingleThreadExecutor(this::newPublisher);

    private volatile @Nullable Thread publishing;

    private Thread newPublisher(Runnable task) {
        Thread thread = new Thread(task, "publisher");
        thread.setDaemon(true);
        publishing = thread;
        return thread;
    }

    /** The process that serves the sessions: this one, if it is not another. Once it listens. */
    public long pid() {
        return ProcessHandle.current().pid();
    }

    /** What a client says first. */
    public Greeting greeting() {
        return Greeting.NONE;
    }

    /** What a client receives of a message of that size. */
    public int wireBytes(int bytes) {
        return bytes;
    }

    /** The resources that the process that serves the sessions has used so far. Nothing is in flight. */
    public Usage usage(Pause pause) {
        return Usage.now(pause);
    }

    /** Listens on loopback, and returns the port. */
    public abstract int listen() throws Exception;

    /** Waits until n peers are connected, and accepts no more. */
    public abstract void awaitSessions(int count) throws Exception;

    /** Sets the shape of the ticks that follow. Nothing is in flight. */
    public abstract void shape(Shape shape);

    /**
     * Sends a tick to all sessions, or arranges for it to be sent. Called on the thread that runs the phase.
     *
     * @param stamp the first bytes of the messages
     */
    public abstract void tick(long stamp) throws Exception;

    /** Publishes, and returns when that is done: on a thread of its own, unless the contender has a better one. */
    public void run(Phase phase) throws Exception {
        publisher
                .submit(() -> {
                    while (phase.step() != Phase.Step.DONE) {
                        // proceeds to the next
                    }
                    return null;
                })
                .get();
    }

    /** Whether the thread that publishes has no other work. Called on that thread. */
    final boolean publishesAlone() {
        return publishing == Thread.currentThread();
    }

    /** The CPU time of the thread that publishes; negative if it has other work, or has not begun. */
    final long publisherCpuNanos() {
        Thread thread = publishing;
        return thread == null ? -1 : ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
    }

    /** Buffers that were not given back. Nothing is in flight. */
    public long outstandingBuffers() {
        return 0;
    }

    @Override
    public void close() throws Exception {
        publisher.shutdown();
    }
}
