/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Gap;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A session that ends in order writes the notice of what it has lost, though nothing else is queued: its client can
 * account for each message, to the last one.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class NoticeAtTheEndIT {
    private static final Duration AGE = Duration.ofSeconds(30);
    private static final byte MESSAGE = 1;
    private static final byte NOTICE = 2;
    private static final int MAX_BYTES = 1 << 20;

    private final SendBufferPool pool = Pools.create();
    private final RecordingListener listener = new RecordingListener();
    private final AtomicInteger notices = new AtomicInteger();
    private final AtomicReference<@Nullable Thread> maker = new AtomicReference<>();
    private final SessionKind kind;
    private KindHost host;
    private int queued;

    NoticeAtTheEndIT(SessionKind kind) throws IOException {
        this.kind = kind;
        this.host = KindHost.none(kind);
        if (kind.isSupported()) {
            host = kind.start(new HostSettings()
                    .queueLimits(QueueLimits.DEFAULT.withMaxAge(AGE))
                    .overrunPolicy(OverrunPolicy.skip(this::notice)));
        }
    }

    @AfterEach
    void closeAndCheck() {
        host.endPeers();
        host.close();
        listener.requireOrder();
        assertEquals(0, host.settings().errors.size(), () -> "errors: " + host.settings().errors);
    }

    private SendBuffer notice(Gap gap) {
        notices.incrementAndGet();
        maker.set(Thread.currentThread());
        return pool.acquire(9).putByte(NOTICE).putLong(gap.messages()).seal();
    }

    /** Queues messages that are too old before they are written, and so are dropped. The clock's part is done here. */
    private void loseAll(Session session) {
        do {
            try (SendBuffer message = pool.acquire(1).putByte(MESSAGE).seal()) {
                assertEquals(OfferResult.QUEUED, session.queue(message));
            }
            queued++;
            long now = System.nanoTime();
            assertFalse(session.queue.isOverdue(now), "the first look only begins to count the age");
            session.queue.overrun(now + AGE.toNanos());
        } while (session.droppedMessages() == 0); // a loop may be about to write the first ones
        assertEquals(0, session.queuedMessages());
    }

    private void requireAllAccountedFor(Session session, PeerWire wire) throws Exception {
        ByteBuffer received = ByteBuffer.wrap(wire.readToTheEnd(MAX_BYTES));
        long written = 0;
        long noticed = 0;
        while (received.hasRemaining()) {
            if (received.get() == MESSAGE) {
                written++;
            } else {
                noticed += received.getLong();
            }
        }
        assertTrue(noticed > 0, "there is a notice");
        assertEquals(session.droppedMessages(), noticed);
        assertEquals(queued, written + noticed);
    }

    private void awaitClosed() throws Exception {
        Await.until("onClosed was called", listener::isClosed);
    }

    private Session begin(PeerWire wire) throws Exception {
        Assumptions.assumeTrue(kind.isSupported());
        Session session = host.add(wire, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        return session;
    }

    @Test
    void shouldWriteItWhenTheSessionIsClosed() throws Exception {
        PeerWire wire = host.wire();
        Session session = begin(wire);
        loseAll(session);
        session.close();
        requireAllAccountedFor(session, wire);
        awaitClosed();
        assertNull(listener.cause);
        boolean mayBlock = kind == SessionKind.BLOCKING_INLINE || kind == SessionKind.BLOCKING_UNIX;
        if (mayBlock) {
            assertNotSame(Thread.currentThread(), maker.get(), "a close does not wait, nor call the user");
        }
    }

    @Test
    void shouldWriteItWhenAllSessionsAreClosed() throws Exception {
        PeerWire wire = host.wire();
        Session session = begin(wire);
        loseAll(session);
        Future<Boolean> closing = Threads.start(() -> {
            host.closeSessions();
            return true;
        });
        requireAllAccountedFor(session, wire);
        wire.endOutputIfOpen();
        Threads.join(closing);
    }

    @Test
    void shouldWriteItWhenThePeerEndsItsOutput() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        Session session = begin(wire);
        loseAll(session);
        wire.endOutput();
        requireAllAccountedFor(session, wire);
        awaitClosed();
        assertInstanceOf(EOFException.class, listener.cause);
    }

    @Test
    void shouldWriteItWhenItIsMadeAtTheEndOfTheInput() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        Assumptions.assumeTrue(kind.isSupported());
        PeerWire wire = host.wire();
        RecordingListener losing = new RecordingListener() {
            @Override
            public boolean onInputEnded(Session session) {
                loseAll(session);
                return super.onInputEnded(session);
            }
        };
        Session session = host.add(wire, losing);
        wire.endOutput();
        Await.until("onClosed was called", losing::isClosed);
        requireAllAccountedFor(session, wire);
    }

    @Test
    void shouldWaitForTheConnectionToWriteIt() throws Exception {
        Assumptions.assumeTrue(kind.connectsLater());
        Assumptions.assumeTrue(kind.wiring != Wiring.TLS, "that server has no TLS");
        try (FullBacklog server = kind.wiring == Wiring.UNIX ? FullBacklog.unix() : FullBacklog.tcp()) {
            Session session = host.connect(server.address(), listener);
            loseAll(session);
            session.close();
            assertFalse(session.isClosed(), "the notice waits");
            Await.until("it was made", () -> notices.get() > 0 || session.isClosed(), server::acceptAll);
            assertEquals(1, notices.get());
        }
        awaitClosed();
    }
}
