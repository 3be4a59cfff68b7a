/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.GatheringByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Timeout settings that are honored or refused, and channels that could fool a clock. */
@Tag("alone")
@Timeout(30)
class ClockSettingsTest {
    private static final int LENGTH = 100;
    private static final Duration TIMEOUT = Duration.ofMillis(300);

    private final SendBufferPool pool = Pools.create();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 1_000, 500_000, 900_000, 999_999})
    void shouldRefuseASelectTimeThatItCannotHonor(long nanos) {
        assertSays(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> SendLoop.builder().maxSelectTime(Duration.ofNanos(nanos))),
                "maxSelectTime");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1_000_000, 1_500_000, 1_000_000_000})
    void shouldTakeASelectTimeThatItCanHonor(long nanos) throws Exception {
        SendLoop loop =
                SendLoop.builder().maxSelectTime(Duration.ofNanos(nanos)).build();
        loop.onClose();
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000, 1_900_000, 100_000_000})
    void shouldSleepWhileThereIsNothingToDo(long nanos) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        SendLoop loop =
                SendLoop.builder().maxSelectTime(Duration.ofNanos(nanos)).build();
        try (var runner = loop.start()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            long before = threads.getThreadCpuTime(runner.thread().getId());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            long millis = TimeUnit.NANOSECONDS.toMillis(
                    threads.getThreadCpuTime(runner.thread().getId()) - before);
            assertTrue(millis < 250, () -> "it used " + millis + " ms of 500");
        }
    }

    /** A channel that takes nothing without waiting is stuck, however often a write is tried. */
    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldEndABlockingSessionWhoseChannelReturnsZeroForever(WriteMode mode) throws Exception {
        BlockingSessions sessions = BlockingSessions.builder()
                .writeMode(mode)
                .writeTimeout(TIMEOUT)
                .errorHandler(errors::add)
                .build();
        RecordingListener listener = new RecordingListener();
        try (sessions) {
            Session session = sessions.addOutput(new ZeroChannel(), listener);
            requireTimeout(session, listener);
        }
        assertEquals(List.of(), errors);
    }

    /**
     * An asynchronous channel whose write completes, within the call or soon after it, without having taken anything.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldEndAnAsynchronousSessionWhoseChannelTakesNothingForever(boolean within) throws Exception {
        AsyncSessions sessions = AsyncSessions.builder()
                .writeTimeout(TIMEOUT)
                .errorHandler(errors::add)
                .build();
        RecordingListener listener = new RecordingListener();
        StubStream stream = new StubStream().takeNothingThoughReady();
        try (sessions) {
            AsyncStub channel = new AsyncStub(stream);
            Session session = sessions.add(within ? channel : channel.completeElsewhere(), listener);
            requireTimeout(session, listener);
        }
        assertTrue(stream.writes() < TIMEOUT.toMillis() * 2, () -> "it was tried " + stream.writes() + " times");
        assertEquals(List.of(), errors);
    }

    /** The selector reports the channel as writable, and it takes nothing, again and again. */
    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldEndALoopSessionWhoseChannelIsReadyAndReturnsZeroForever(WriteMode mode) throws Exception {
        SendLoop.Builder builder = SendLoop.builder()
                .writeMode(mode)
                .maxSelectTime(Duration.ofMillis(10))
                .writeTimeout(TIMEOUT)
                .errorHandler(errors::add);
        SendLoop loop = StubKind.loopOver(builder, new StubSelector(Faults.none()));
        RecordingListener listener = new RecordingListener();
        try (var runner = loop.start()) {
            Session session = loop.add(new SocketStub(new StubStream().takeNothingThoughReady()), listener);
            requireTimeout(session, listener);
        }
        assertEquals(List.of(), errors);
    }

    private void requireTimeout(Session session, RecordingListener listener) throws Exception {
        long start = System.nanoTime();
        Future<?> sending = Threads.start(() -> {
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
                session.send(message);
            }
            return true;
        });
        Await.until("onClosed was called", listener::isClosed);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < TIMEOUT.toMillis() + 400, () -> "it took " + millis + " ms");
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
        Threads.join(sending);
    }

    @Test
    void shouldRefuseADatagramChannelWhichIsNoByteStream() throws Exception {
        try (BlockingSessions sessions =
                        BlockingSessions.builder().errorHandler(errors::add).build();
                DatagramChannel datagrams = DatagramChannel.open()) {
            RecordingListener listener = new RecordingListener();
            assertSays(
                    assertThrows(IllegalArgumentException.class, () -> sessions.addOutput(datagrams, listener)),
                    "datagram");
            assertThrows(IllegalArgumentException.class, () -> sessions.add(datagrams, listener));
            datagrams.configureBlocking(false);
            assertSays(
                    assertThrows(IllegalArgumentException.class, () -> sessions.addOutput(datagrams, listener)),
                    "datagram");
            assertTrue(datagrams.isOpen(), "its owner keeps it");
            assertEquals(0, sessions.sessionCount());
            assertEquals(0, listener.opened.get() + listener.closed.get());
        }
    }

    /** A channel that is open, never full, never fails, and takes nothing. */
    private static final class ZeroChannel implements GatheringByteChannel {
        private volatile boolean open = true;

        @Override
        public int write(ByteBuffer source) {
            return 0;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return 0;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            return 0;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
