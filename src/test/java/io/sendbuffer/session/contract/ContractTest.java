/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBatch;
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
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the contract tests share: sessions of the kind under test, a pool, and a listener. */
abstract class ContractTest {
    static final int LENGTH = 10_000;

    final SessionKind kind;
    final Sending how;
    final SendBufferPool pool = Pools.create();
    final RecordingListener listener = new RecordingListener();
    KindHost host;

    private final SessionLogs logs;

    ContractTest(SessionKind kind) {
        this(new Way(kind, Sending.QUEUE));
    }

    ContractTest(Way way) {
        this.kind = way.kind();
        this.how = way.how();
        this.host = KindHost.none(kind);
        this.logs = new SessionLogs(pool, how);
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
        logs.requireNothingIsRetained();
    }

    /** Makes a session, which subscribes to a log where the test sends by one. */
    Session add(PeerWire wire, SessionListener listenerOfIt) throws IOException {
        return logs.begin(host.add(wire, listenerOfIt));
    }

    /** As {@link #add}, of a connection that is still to be made. */
    Session connect(SocketAddress server, SessionListener listenerOfIt) throws IOException {
        return logs.begin(host.connect(server, listenerOfIt));
    }

    /** Sends in the way that is tested. */
    OfferResult send(Session session, SendBuffer message) {
        return logs.send(session, message, () -> session.send(message));
    }

    /** Sends in the way that is tested. */
    OfferResult send(Session session, SendBatch batch) {
        return logs.send(session, batch, () -> session.send(batch));
    }

    /** Sends in the way that is tested; what goes to the session's own queue is not flushed. */
    OfferResult queue(Session session, SendBuffer message) {
        return logs.send(session, message, () -> session.queue(message));
    }

    /** What waits in the session's queue and in its log. */
    long waitingBytes(Session session) {
        return session.queuedBytes() + logs.lagInBytes(session);
    }

    /** After its end: its queue counts what was not written, and its subscription stays behind. */
    long lostBytes(Session session) {
        return session.unwrittenBytes() + logs.lagInBytes(session);
    }

    /** Likewise; one that was written in part is lost for a queue, and not for a log. */
    long lostMessages(Session session) {
        return session.unwrittenMessages() + logs.lagInMessages(session);
    }

    /** Queues messages 0, 1, ... of {@link #LENGTH} bytes. */
    void queueAll(Session session, int count) {
        for (int number = 0; number < count; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertEquals(OfferResult.QUEUED, queue(session, message));
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
