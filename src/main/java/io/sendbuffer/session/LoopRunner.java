/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.TimeUnit;

/**
 * The thread of a {@link SendLoop}, as {@link SendLoop#start()} makes it.
 *
 * <p>Unlike Agrona's runner it may be closed from within a callback, wakes its loop to close it, and ends in order
 * whatever is thrown.
 */
public final class LoopRunner implements AutoCloseable {
    /** How long beyond its close timeout a loop may take to make its last callbacks, before a close gives up on it. */
    private static final long CALLBACKS_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final SendLoop loop;
    private final Thread thread;

    /** A runner whose thread is not started: race tests run the loop themselves. */
    LoopRunner(SendLoop loop) {
        this.loop = loop;
        this.thread = new Thread(this::run, loop.roleName());
        thread.setDaemon(true);
    }

    /** Starts a thread; if that fails the loop stays as it is, and may be started again. */
    static LoopRunner start(SendLoop loop) {
        LoopRunner runner = new LoopRunner(loop);
        loop.settings().resources().start(runner.thread);
        return runner;
    }

    /** The thread that runs the loop and makes the callbacks of its sessions. */
    public Thread thread() {
        return thread;
    }

    /** The loop. */
    public SendLoop loop() {
        return loop;
    }

    /**
     * Ends the loop: closes the listening sockets and every session as {@link Session#close()} does, within the
     * {@link SessionBuilder#closeTimeout}. Waits for the end of the thread, but for no longer than five seconds beyond
     * that time; what callbacks still keep it from then ends with them.
     *
     * <p>Any thread may call, more than once. From within a callback of any session, on the thread of any loop, and
     * from within a release listener or error handler that a write or an end calls, it asks for the end and returns. An
     * interrupt ends the wait, not the loop's end.
     */
    @Override
    public void close() {
        loop.requestEnd();
        if (!WithinCall.isCallers()) {
            awaitEnd();
        }
    }

    private void awaitEnd() {
        long nanos = loop.settings().closeTimeout().toNanos() + CALLBACKS_NANOS;
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (thread.isAlive()) {
            loop.report(new IllegalStateException(
                    thread.getName() + " does not end: a callback or the error handler does not return"));
        }
    }

    private void run() {
        boolean runs = true;
        while (runs) {
            try {
                runs = loop.runCycle();
            } catch (Throwable e) { // no memory to look after an interrupt, for instance
                loop.survive(e);
            }
        }
    }
}
