/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogRetention;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Subscription;
import io.sendbuffer.session.Session;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A log for each session of a contract test that sends by logs, so that each is sent what is meant for it alone. */
final class SessionLogs {
    /** More than a backlog, and less than what many threads send. */
    private static final LogRetention RETENTION =
            LogRetention.DEFAULT.withMaxBytes(4 << 20).withMaxMessages(1024);

    private final SendBufferPool pool;
    private final Sending how;
    private final Map<Session, Subscription> subscriptions = new ConcurrentHashMap<>();
    private final AtomicInteger turns = new AtomicInteger();

    SessionLogs(SendBufferPool pool, Sending how) {
        this.pool = pool;
        this.how = how;
    }

    /** Subscribes the session, unless it has ended already. */
    Session begin(Session session) {
        if (how != Sending.QUEUE) {
            BroadcastLog log = BroadcastLog.builder(pool).retention(RETENTION).build();
            Subscription place = session.subscribe(log, OverrunPolicy.hold());
            if (place != null) {
                subscriptions.put(session, place);
            }
        }
        return session;
    }

    /** Appends a message, or offers it as given. */
    OfferResult send(Session session, SendBuffer message, Supplier<OfferResult> own) {
        BroadcastLog log = logInTurn(session);
        return log == null ? own.get() : resultOf(session, log.append(message));
    }

    /** Appends a batch, or offers it as given. */
    OfferResult send(Session session, SendBatch batch, Supplier<OfferResult> own) {
        BroadcastLog log = logInTurn(session);
        return log == null ? own.get() : resultOf(session, log.append(batch));
    }

    /** Two of three are appended if both ways are used. */
    private @Nullable BroadcastLog logInTurn(Session session) {
        Subscription place = subscriptions.get(session);
        if (place == null || (how == Sending.BOTH && turns.getAndIncrement() % 3 == 0)) {
            return null;
        }
        return place.log();
    }

    private static OfferResult resultOf(Session session, long position) {
        if (session.isClosed()) {
            return OfferResult.CLOSED; // the log does not depend on it
        }
        assertEquals(position, Math.max(position, BroadcastLog.REFUSED), "the log is open, and no message too large");
        return position >= 0 ? OfferResult.QUEUED : OfferResult.REFUSED_MESSAGES;
    }

    /** How many bytes the session has not been written of its log. */
    long lagInBytes(Session session) {
        Subscription place = subscriptions.get(session);
        return place == null ? 0 : place.lagInBytes();
    }

    /** How many messages. */
    long lagInMessages(Session session) {
        Subscription place = subscriptions.get(session);
        return place == null ? 0 : place.lagInMessages();
    }

    /** Called when every session has ended. */
    void requireNothingIsRetained() {
        for (Subscription place : subscriptions.values()) {
            assertEquals(0, place.log().stats().retainedMessages(), () -> "retained for no session: " + place.log());
            place.log().close();
        }
    }
}
