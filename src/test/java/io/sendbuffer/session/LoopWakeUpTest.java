/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A loop that would sleep for an hour: nothing happens without a wake-up. Each test wakes it many times, at varying
 * moments, so that the loop is asleep, awake, or just about to sleep: one lost wake-up fails the test.
 */
@Timeout(60)
class LoopWakeUpTest {
    private static final int ROUNDS = 1000;
    private static final int LENGTH = 32;
    private static final int MAX_LINGER_NANOS = 50_000;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final RecordingListener listener = new RecordingListener();
    private SendBufferPool pool;
    private SendLoop loop;
    private LoopRunner runner;

    @BeforeEach
    void start() throws Exception {
        pool = Pools.create();
        loop = SendLoop.builder()
                .writeMode(WriteMode.LOOP)
                .selectTime(Duration.ofHours(1))
                .errorHandler(errors::add)
                .build();
        runner = loop.start();
    }

    @AfterEach
    void end() {
        runner.close(); // interrupts the thread, should it still sleep
        assertEquals(List.of(), errors);
        listener.requireOrder();
    }

    /** The second message of each round comes roughly when the loop, done with the first one, is about to sleep. */
    @Test
    void shouldWakeUpForASend() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Session session = loop.add(connection.ours, listener);
            for (int round = 0; round < 5 * ROUNDS; round++) {
                send(session, round);
                linger();
                send(session, round);
                requireWoken("round " + round, () -> connection.readFully(2 * LENGTH));
            }
        }
    }

    private void send(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
    }

    @Test
    void shouldWakeUpForAFlush() throws Exception {
        try (Loopback connection = Loopback.open()) {
            Session session = loop.add(connection.ours, listener);
            for (int round = 0; round < ROUNDS; round++) {
                try (SendBuffer message = NumberedMessages.sealed(pool, round, LENGTH)) {
                    assertEquals(OfferResult.QUEUED, session.queue(message));
                }
                linger();
                session.flush();
                requireWoken("round " + round, () -> connection.readFully(LENGTH));
            }
        }
    }

    @Test
    void shouldWakeUpForANewSessionAndForItsEnd() throws Exception {
        for (int round = 0; round < ROUNDS / 5; round++) {
            int opened = round + 1;
            RecordingListener each = new RecordingListener();
            try (Loopback connection = Loopback.open()) {
                linger();
                Session session = loop.add(connection.ours, each);
                requireWoken("round " + opened, () -> Await.until("it opened", () -> each.opened.get() > 0));
                linger();
                session.abort();
                requireWoken("round " + opened, () -> Await.until("it closed", each::isClosed));
                Await.until("the peer saw the end", connection::sawEnd);
            }
            each.requireOrder();
        }
    }

    @Test
    void shouldWakeUpForAnAcceptor() throws Exception {
        for (int round = 0; round < 20; round++) {
            RecordingListener each = new RecordingListener();
            try (ServerSocketChannel server = Loopback.listen(8);
                    SocketChannel client = Loopback.connect(server, 0)) {
                linger();
                loop.listen(server, channel -> each);
                requireWoken("round " + round, () -> Await.until("it was accepted", () -> each.opened.get() > 0));
                client.close();
                requireWoken("round " + round, () -> Await.until("it ended", each::isClosed));
            }
        }
    }

    @Test
    void shouldWakeUpForASenderThatFindsTheChannelBlocked() throws Exception {
        SendLoop inline = SendLoop.builder()
                .selectTime(Duration.ofHours(1))
                .errorHandler(errors::add)
                .build();
        LoopRunner inlineRunner = inline.start();
        try (Loopback connection = Loopback.withSmallBuffers()) {
            Session session = inline.add(connection.ours, listener);
            for (int round = 0; round < 20; round++) {
                int sent = sendUntilBlocked(session);
                linger();
                requireWoken("round " + round, () -> connection.readFully(sent * 1000));
            }
        } finally {
            inlineRunner.close();
        }
    }

    /**
     * The runner has no way to wake a loop, so the longest sleep that the builder allows must end by itself in time.
     */
    @Test
    void shouldEndUninterruptedThoughItsRunnerCannotWakeIt() throws Exception {
        SendLoop sleepy = SendLoop.builder()
                .maxSelectTime(Duration.ofSeconds(1))
                .errorHandler(errors::add)
                .build();
        LoopRunner sleepyRunner = sleepy.start();
        List<Boolean> interrupted = new CopyOnWriteArrayList<>();
        try (Loopback connection = Loopback.open()) {
            sleepy.add(connection.ours, new RecordingListener() {
                @Override
                public void onOpened(Session session) {
                    listener.onOpened(session);
                }

                @Override
                public void onClosed(Session session, @Nullable Throwable cause) {
                    interrupted.add(Thread.currentThread().isInterrupted());
                }
            });
            Await.until("the session opened", () -> listener.opened.get() > 0);
            linger();

            long start = System.nanoTime();
            sleepyRunner.close();

            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(4), "the end was delayed");
            assertEquals(List.of(false), interrupted, "an interrupted thread closes every channel that it writes to");
        }
    }

    private int sendUntilBlocked(Session session) {
        int sent = 0;
        while (session.queuedMessages() < 10) {
            try (SendBuffer message = NumberedMessages.sealed(pool, sent, 1000)) {
                assertEquals(OfferResult.QUEUED, session.send(message));
                sent++;
            }
        }
        return sent;
    }

    /** Gives the loop no time, some time, or enough to fall asleep. */
    private void linger() {
        long nanos = random.nextInt(MAX_LINGER_NANOS);
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            Thread.onSpinWait();
        }
    }

    private void requireWoken(String round, Await.Step step) {
        try {
            step.run();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("a wake-up was lost in " + round + TestSeed.hint(seed), e);
        }
    }
}
