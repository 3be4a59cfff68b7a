/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/**
 * Peers of sessions of every kind at once, with default buffers: some read slowly and steadily, some a few bytes at a
 * time, some nothing.
 */
@Timeout(120)
class SlowPeersIT {
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration TIME = Duration.ofSeconds(12);
    private static final int STEADY_BYTES_PER_SECOND = 40_000;
    private static final int DRIP_BYTES_PER_SECOND = 100;

    /** With all defaults, a peer as slow as this stays; for longer than the write timeout, which is 30 s. */
    private static final int SLOW_BYTES_PER_SECOND = 16_000;

    private static final Duration SLOW_TIME = Duration.ofSeconds(40);

    /** Each session has the same 12 MB queued: more than the kernel takes. */
    private static final int MESSAGES = 240;

    private static final int LENGTH = 50_000;

    private final SendBufferPool pool = Pools.create();
    private final List<SendBuffer> backlog = new ArrayList<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final List<Future<?>> flushes = new ArrayList<>();

    private final class Peer extends RecordingListener {
        private final String name;
        private final int bytesPerSecond;
        private final SocketChannel channel; // the peer's
        private final ByteBuffer target = ByteBuffer.allocate(2_000);
        private long read;
        private volatile long closedNanos;

        Peer(String name, KindHost host, int bytesPerSecond) throws IOException {
            this.name = name + " at " + bytesPerSecond + " B/s";
            this.bytesPerSecond = bytesPerSecond;
            try (ServerSocketChannel server = Loopback.listen(1)) {
                Session session = host.connect(server.getLocalAddress(), this);
                channel = server.accept();
                toClose.add(channel);
                channel.configureBlocking(false);
                queueBacklog(session);
                flushes.add(Threads.start(() -> {
                    session.flush(); // waits for the peer, where the kind does
                    return true;
                }));
            }
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            closedNanos = System.nanoTime();
            super.onClosed(session, cause);
        }

        void readWhatIsDue(long nanos) throws IOException {
            int step = bytesPerSecond >= target.capacity() ? target.capacity() : Math.max(1, bytesPerSecond / 20);
            while (read + step <= nanos / 1e9 * bytesPerSecond) {
                int count = channel.read(target.clear().limit(step));
                if (count <= 0) {
                    return;
                }
                read += count;
            }
        }

        void requireAlive() {
            assertFalse(isClosed(), () -> name + " ended with " + cause + ", having read " + read);
            assertTrue(read > STEADY_BYTES_PER_SECOND, () -> name + " got " + read);
        }

        void requireEndedWithin(long start, Duration min, Duration max) {
            assertTrue(isClosed(), () -> name + " lives, having read " + read);
            assertInstanceOf(SocketTimeoutException.class, cause, name);
            long millis = TimeUnit.NANOSECONDS.toMillis(closedNanos - start);
            assertTrue(millis >= min.toMillis() && millis <= max.toMillis(), () -> name + " took " + millis + " ms");
        }
    }

    private void queueBacklog(Session session) {
        backlog.forEach(session::queue);
    }

    @BeforeEach
    void fill() {
        for (int i = 0; i < MESSAGES; i++) {
            backlog.add(NumberedMessages.sealed(pool, i, LENGTH));
        }
    }

    @AfterEach
    void close() {
        backlog.forEach(SendBuffer::release);
        CloseHelper.closeAll(toClose);
        flushes.forEach(Threads::join);
    }

    @Test
    void shouldKeepThoseThatReadSteadilyAndEndThoseThatDoNot() throws Exception {
        for (SessionKind kind : SessionKind.values()) {
            if (kind.wiring == Wiring.TCP && kind.isSupported()) {
                KindHost host = kind.start(new HostSettings()
                        .writeTimeout(WRITE_TIMEOUT)
                        .closeTimeout(Duration.ZERO)
                        .queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(32 << 20)));
                toClose.add(0, host);
                for (int bytesPerSecond : new int[] {STEADY_BYTES_PER_SECOND, DRIP_BYTES_PER_SECOND, 0}) {
                    peers.add(new Peer(kind.name(), host, bytesPerSecond));
                }
            }
        }
        long start = readFor(TIME);
        assertAll(peers.stream().map(peer -> check(peer, start)));
    }

    @Tag("slow")
    @Test
    void shouldKeepThoseThatReadSixteenKilobytesASecondWithAllDefaults() throws Exception {
        for (SessionKind kind : SessionKind.values()) {
            if (kind.wiring == Wiring.TCP && kind.isSupported()) {
                KindHost host = kind.start(new HostSettings().closeTimeout(Duration.ZERO));
                toClose.add(0, host);
                peers.add(new Peer(kind.name(), host, SLOW_BYTES_PER_SECOND));
            }
        }
        readFor(SLOW_TIME);
        assertAll(peers.stream().map(peer -> peer::requireAlive));
    }

    /** Returns when it began. */
    private long readFor(Duration time) throws IOException {
        long start = System.nanoTime();
        for (long now = 0; now < time.toNanos(); now = System.nanoTime() - start) {
            for (Peer peer : peers) {
                peer.readWhatIsDue(now);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        return start;
    }

    private static Executable check(Peer peer, long start) {
        Duration late = Duration.ofSeconds(1);
        return () -> {
            if (peer.bytesPerSecond == STEADY_BYTES_PER_SECOND) {
                peer.requireAlive();
            } else {
                peer.requireEndedWithin(start, WRITE_TIMEOUT.minus(late), WRITE_TIMEOUT.plus(late));
            }
        };
    }
}
