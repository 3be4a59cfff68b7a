/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A channel that moves no byte and does not wait: no callback comes of it, and no busy loop. */
@Timeout(60)
@ParameterizedClass
@EnumSource(StubKind.class)
class EmptyTransfersTest {
    private static final int TRIES = 12;

    /** The least time that these tries take: half of them pause for more than 10 ms. */
    private static final long MIN_MILLIS = 50;

    private final StubKind kind;
    private final SendBufferPool pool = Pools.create();
    private final HostSettings settings = new HostSettings().closeTimeout(Duration.ofSeconds(10));
    private final AtomicInteger emptyCallbacks = new AtomicInteger();
    private final RecordingListener listener = new RecordingListener() {
        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            if (!bytes.hasRemaining()) {
                emptyCallbacks.incrementAndGet();
            }
            super.onReceived(session, bytes);
        }
    };
    private StubHost host;

    EmptyTransfersTest(StubKind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void start() throws Exception {
        host = kind.start(settings, Faults.none());
    }

    @AfterEach
    void close() {
        host.close();
        listener.requireOrder();
        assertEquals(0, pool.stats().outstandingBuffers());
        assertTrue(settings.errors.isEmpty(), settings.errors::toString);
    }

    @Test
    void shouldNotReportAReadOfNothing() throws Exception {
        StubStream stream = new StubStream().readNothingThoughReady();
        host.add(stream, listener);
        Await.until("it was read in vain", () -> stream.reads() >= TRIES);
        stream.receive((byte) 1);
        Await.until("the byte was received", () -> listener.receivedBytes.get() == 1);
        int reads = stream.reads();
        Await.until("it is read in vain again", () -> stream.reads() > reads + 1);
        stream.endInput();
        Await.until("it ended", listener::isClosed);
        assertEquals(0, emptyCallbacks.get());
        assertEquals(1, listener.inputEnded.get());
    }

    @Test
    void shouldPauseBetweenReadsOfNothing() throws Exception {
        assumePauses();
        StubStream stream = new StubStream().readNothingThoughReady();
        host.add(stream, listener);
        requirePauses("reads", stream::reads);
    }

    /** After its last byte was written, a session reads and drops what comes until the peer ends, too. */
    @Test
    void shouldPauseBetweenReadsOfNothingThatFollowTheLastWrite() throws Exception {
        assumePauses();
        StubStream stream = new StubStream().readNothingThoughReady().neverEnd();
        Session session = host.add(stream, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        session.close();
        Await.until("all is written", session::isOutputOver);
        requirePauses("reads", stream::reads);
        stream.endInput();
        Await.until("it ended", listener::isClosed);
        assertNull(listener.cause);
    }

    @Test
    void shouldPauseBetweenWritesOfNothing() throws Exception {
        assumePauses();
        StubStream stream = new StubStream().takeNothingThoughReady();
        Session session = host.addOutput(stream, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        try (SendBuffer message = NumberedMessages.sealed(pool, 1, 64)) {
            assertEquals(OfferResult.QUEUED, session.queue(message));
        }
        Thread sender = DaemonThreads.named("sender").newThread(session::flush);
        sender.start();
        requirePauses("writes", stream::writes);
        stream.takeAll();
        sender.join();
        Await.until("all is written", () -> session.queuedMessages() == 0);
    }

    /** A loop tries again when the selector says so. */
    private void assumePauses() {
        Assumptions.assumeFalse(kind.isLoop(), "a loop has a selector");
    }

    private static void requirePauses(String what, IntSupplier count) throws Exception {
        int before = count.getAsInt();
        long start = System.nanoTime();
        Await.until(TRIES + " " + what + " came to nothing", () -> count.getAsInt() >= before + TRIES);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= MIN_MILLIS, () -> "it took only " + millis + " ms");
    }
}
