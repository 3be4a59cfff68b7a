/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A user-supplied channel that throws when it is asked whether it is open: it affects its own session alone. */
@Timeout(30)
class ThrowingChannelTest {
    private static final int HOSTILE = 16;
    private static final int LENGTH = 100;

    private final SendBufferPool pool = Pools.create();
    private final HostSettings settings =
            new HostSettings().writeTimeout(Duration.ofMillis(300)).closeTimeout(Duration.ofMillis(500));
    private final BlockingSessions sessions = settings.applyTo(
                    BlockingSessions.builder().writeMode(WriteMode.LOOP))
            .build();

    @AfterEach
    void close() {
        sessions.close();
        assertEquals(0, sessions.sessionCount());
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldEndInOrderAllTheSame(WriteMode mode) throws Exception {
        try (BlockingSessions own =
                settings.applyTo(BlockingSessions.builder().writeMode(mode)).build()) {
            RecordingListener listener = new RecordingListener();
            ThrowingChannel channel = new ThrowingChannel(false);
            Session session = own.add(channel, listener);
            Await.until("it opened", () -> listener.opened.get() == 1);
            channel.throwing = true;
            send(session);
            session.close();
            Await.until("it was notified", listener::isClosed);
            Await.until("it is gone", () -> own.sessionCount() == 0);
            listener.requireOrder();
            assertEquals(0, session.unwrittenMessages());
        }
        assertTrue(settings.errors.stream().allMatch(ThrowingChannelTest::isOurs), () -> "errors: " + settings.errors);
    }

    @ParameterizedTest
    @EnumSource(Faults.Thrown.class)
    void shouldNotKeepTheClockFromOthers(Faults.Thrown thrown) throws Exception {
        List<RecordingListener> hostile = new ArrayList<>();
        for (int i = 0; i < HOSTILE; i++) {
            RecordingListener listener = new RecordingListener();
            hostile.add(listener);
            ThrowingChannel channel = new ThrowingChannel(false);
            channel.thrown = thrown.get();
            sessions.add(channel, listener);
            Await.until("it opened", () -> listener.opened.get() == 1);
            channel.throwing = true;
        }
        RecordingListener stuck = new RecordingListener();
        send(sessions.add(new ThrowingChannel(true), stuck));

        Await.until("the stuck session times out", stuck::isClosed);

        assertInstanceOf(SocketTimeoutException.class, stuck.cause);
        for (RecordingListener listener : hostile) {
            Await.until("each hostile session ended", listener::isClosed);
            listener.requireOrder();
        }
    }

    private void send(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 1, LENGTH)) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
    }

    private static boolean isOurs(Throwable error) {
        return String.valueOf(error.getMessage()).contains("on purpose");
    }

    /** A channel without input; what is written is taken, or, if stuck, nothing ever is. */
    private static final class ThrowingChannel implements GatheringByteChannel, ReadableByteChannel {
        private final boolean stuck;
        volatile boolean throwing;
        volatile Throwable thrown = new IllegalStateException("on purpose");

        /** Guarded by this. */
        private boolean closed;

        ThrowingChannel(boolean stuck) {
            this.stuck = stuck;
        }

        @Override
        public synchronized int read(ByteBuffer target) throws AsynchronousCloseException {
            awaitClose();
            return -1;
        }

        private synchronized void awaitClose() throws AsynchronousCloseException {
            while (!closed) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            throw new AsynchronousCloseException();
        }

        @Override
        public int write(ByteBuffer source) throws AsynchronousCloseException {
            if (stuck) {
                awaitClose();
            }
            int count = source.remaining();
            source.position(source.limit());
            return count;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws AsynchronousCloseException {
            long count = 0;
            for (int i = offset; i < offset + length; i++) {
                count += write(sources[i]);
            }
            return count;
        }

        @Override
        public long write(ByteBuffer[] sources) throws AsynchronousCloseException {
            return write(sources, 0, sources.length);
        }

        @Override
        public boolean isOpen() {
            if (throwing) {
                throw Faults.<RuntimeException>sneaky(thrown);
            }
            synchronized (this) {
                return !closed;
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            notifyAll();
        }
    }
}
