/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads of a test: a failure in one of them fails the test, and every wait is bounded. */
public final class Threads {
    private static final long PATIENCE_SECONDS = 60;

    private Threads() {}

    /** The work of one of several threads. */
    public interface Task {
        /** Runs in thread number {@code index}. */
        void run(int index) throws Exception;
    }

    /** Runs a task in several threads that start together, and waits for all of them. */
    public static void runTogether(int count, Task task) {
        CyclicBarrier start = new CyclicBarrier(count);
        List<Future<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = i;
            running.add(start(() -> {
                start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                task.run(index);
                return true;
            }));
        }
        running.forEach(Threads::join);
    }

    /** Starts a thread. */
    public static <T> Future<T> start(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread thread = new Thread(future, "test");
        thread.setDaemon(true);
        thread.start();
        return future;
    }

    /** Waits for a thread's result; throws what the thread threw. */
    public static <T> T join(Future<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("a thread of the test failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("a thread of the test did not end", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Runs an action in a thread of its own, and returns when that thread is dead. */
    public static void runInThreadThatDies(Runnable action) {
        FutureTask<Boolean> future = new FutureTask<>(action, true);
        Thread thread = new Thread(future, "test");
        thread.setDaemon(true);
        thread.start();
        join(future);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Waits for a latch, or fails. */
    public static void await(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("what was waited for did not happen");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
