/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.AgentInvoker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a loop: its runner, from within a callback and from elsewhere, or the thread that runs its duty cycle. */
@Timeout(30)
class LoopRunnerTest {
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final AtomicInteger ended = new AtomicInteger();

    private SendLoop loop(Duration selectTime) throws IOException {
        return SendLoop.builder()
                .maxSelectTime(selectTime)
                .closeTimeout(Duration.ofMillis(20)) // the peers do not end their side
                .errorHandler(errors::add)
                .onEnded((loop, cause) -> ended.incrementAndGet())
                .build();
    }

    @Test
    void shouldEndAfterTheCallbackThatClosesTheRunner() throws Exception {
        SendLoop loop = loop(Duration.ofMillis(20));
        var runner = loop.start();
        AtomicBoolean returned = new AtomicBoolean();
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
        RecordingListener listener = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                thread.set(Thread.currentThread());
                runner.close();
                runner.close();
                interrupted.set(Thread.currentThread().isInterrupted());
                returned.set(true);
            }
        };
        RecordingListener other = new RecordingListener();
        try (Loopback connection = Loopback.open();
                Loopback second = Loopback.open()) {
            loop.add(second.ours, other);
            loop.add(connection.ours, listener);
            connection.peer.write(ByteBuffer.allocate(1));
            Await.until("the close returned", returned::get);
            Await.until("both were notified", () -> listener.isClosed() && other.isClosed());
            assertFalse(interrupted.get());
            assertSame(runner.thread(), thread.get());
            Thread running = thread.get();
            Await.until("the thread ended", () -> running != null && !running.isAlive());
            assertTrue(loop.isClosed());
            assertNull(other.cause);
            runner.close(); // from elsewhere, after the end
        }
        assertEquals(1, ended.get());
        assertEquals(List.of(), errors);
    }

    @Test
    void shouldWaitForTheEndWhenItIsClosedFromElsewhere() throws Exception {
        SendLoop loop = loop(Duration.ofMillis(20));
        var runner = loop.start();
        RecordingListener listener = new RecordingListener();
        try (Loopback connection = Loopback.open()) {
            loop.add(connection.ours, listener);
            Await.until("it opened", () -> listener.opened.get() == 1);
            runner.close();
            assertTrue(listener.isClosed());
            assertTrue(loop.isClosed());
            assertEquals(1, ended.get());
        }
    }

    /** A runner wakes its loop: the longest sleep does not delay the end. */
    @Test
    void shouldEndAtOnceThoughTheLoopSleeps() throws Exception {
        SendLoop loop = loop(Duration.ofSeconds(1));
        var runner = loop.start();
        Await.until("it sleeps", () -> {
            Thread.State state = runner.thread().getState();
            return state == Thread.State.RUNNABLE || state == Thread.State.TIMED_WAITING;
        });
        long start = System.nanoTime();
        runner.close();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 500, () -> "it took " + millis + " ms");
    }

    @Test
    void shouldReturnToEachOfManyThreadsThatClose() throws Exception {
        SendLoop loop = loop(Duration.ofMillis(20));
        var runner = loop.start();
        Threads.runTogether(4, index -> runner.close());
        assertTrue(loop.isClosed());
        assertEquals(1, ended.get());
    }

    @Test
    void shouldEndAfterTheDutyCycleInWhichACallbackClosesTheInvoker() throws Exception {
        SendLoop loop = loop(Duration.ZERO);
        AgentInvoker invoker = new AgentInvoker(errors::add, null, loop);
        invoker.start();
        AtomicBoolean openWithin = new AtomicBoolean();
        RecordingListener listener = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                invoker.close();
                openWithin.set(!isClosed());
            }
        };
        RecordingListener other = new RecordingListener();
        try (Loopback connection = Loopback.open();
                Loopback second = Loopback.open()) {
            loop.add(second.ours, other);
            loop.add(connection.ours, listener);
            connection.peer.write(ByteBuffer.allocate(1));
            Await.until("the callback ran", () -> listener.receivedBytes.get() == 1, invoker::invoke);
            assertTrue(openWithin.get(), "no callback within a callback");
            assertTrue(listener.isClosed(), "the duty cycle ended the loop on its way out");
            assertTrue(other.isClosed());
            assertTrue(loop.isClosed());
            assertEquals(0, loop.sessionCount());
            listener.requireOrder();
        }
        assertEquals(1, ended.get());
        assertEquals(List.of(), errors);
    }

    @Test
    void shouldEndAfterTheDutyCycleInWhichOnClosedClosesIt() throws Exception {
        SendLoop loop = loop(Duration.ZERO);
        RecordingListener listener = new RecordingListener() {
            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                loop.onClose();
                super.onClosed(session, cause);
            }
        };
        RecordingListener other = new RecordingListener();
        try (Loopback connection = Loopback.open();
                Loopback second = Loopback.open()) {
            Session session = loop.add(connection.ours, listener);
            loop.add(second.ours, other);
            loop.doWork();
            session.abort();
            loop.doWork();
            assertTrue(listener.isClosed() && other.isClosed());
            assertTrue(loop.isClosed());
            assertEquals(1, ended.get());
            listener.requireOrder();
            other.requireOrder();
        } finally {
            loop.onClose();
        }
        assertEquals(1, ended.get());
        assertEquals(List.of(), errors);
    }

    @Test
    void shouldNotWaitForItselfInTheCallbackOfItsEnd() throws Exception {
        AtomicReference<@Nullable AutoCloseable> closed = new AtomicReference<>();
        AtomicBoolean returned = new AtomicBoolean();
        SendLoop loop = SendLoop.builder()
                .errorHandler(errors::add)
                .onEnded((which, cause) -> {
                    try {
                        AutoCloseable runner = closed.get();
                        if (runner != null) {
                            runner.close();
                        }
                    } catch (Exception e) {
                        errors.add(e);
                    }
                    returned.set(true);
                })
                .build();
        var runner = loop.start();
        closed.set(runner);
        runner.close();
        Await.until("the close within returned", returned::get);
        assertEquals(List.of(), errors);
    }
}
