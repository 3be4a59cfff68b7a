/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.KindHost;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.io.IOException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the contract tests share: sessions of the kind under test, a pool, and a listener. */
abstract class ContractTest {
    static final int LENGTH = 10_000;

    final SessionKind kind;
    final SendBufferPool pool = Pools.create();
    final RecordingListener listener = new RecordingListener();
    KindHost host;

    ContractTest(SessionKind kind) {
        this.kind = kind;
        this.host = KindHost.none(kind);
    }

    @BeforeEach
    void start() throws IOException {
        host = kind.start(new HostSettings());
    }

    /** Starts again with other settings than the usual ones. */
    void restart(HostSettings settings) throws IOException {
        host.close();
        host = kind.start(settings);
    }

    @AfterEach
    void closeAndCheck() {
        host.endPeers();
        host.close();
        listener.requireOrder();
        assertEquals(0, host.settings().errors.size(), () -> "errors: " + host.settings().errors);
        assertEquals(0, host.sessionCount(), "sessions that were not notified of their end");
    }

    /** Queues messages 0, 1, ... of {@link #LENGTH} bytes. */
    void queueAll(Session session, int count) {
        for (int number = 0; number < count; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertEquals(OfferResult.QUEUED, session.queue(message));
            }
        }
    }

    /** Flushes on a separate thread, since some kinds wait for the peer. */
    static Future<?> startFlush(Session session) {
        return Threads.start(() -> {
            session.flush();
            return true;
        });
    }

    /** Queues a backlog that the peer has not read yet, and that is being written. */
    Future<?> startBacklog(Session session, PeerWire wire, int count) throws Exception {
        queueAll(session, count);
        Future<?> flush = startFlush(session);
        wire.awaitReadable();
        return flush;
    }

    void awaitOpened() throws Exception {
        Await.until("it was opened", () -> listener.opened.get() == 1);
    }

    void awaitClosed() throws Exception {
        Await.until("onClosed was called", listener::isClosed);
        assertEquals(1, listener.closed.get());
    }
}
