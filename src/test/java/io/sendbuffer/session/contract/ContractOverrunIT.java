/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SlowConsumerException;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: what the policy does with one that passes a limit of its queue. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractOverrunIT extends ContractTest {
    private static final int BACKLOG = 300;
    private static final Duration TIME = Duration.ofMillis(200);

    /** More than 10 ms: other processes run on the machine that tests. */
    private static final long MAX_LATE_MILLIS = 1_000;

    ContractOverrunIT(SessionKind kind) {
        super(kind);
    }

    private PeerWire start(QueueLimits limits, OverrunPolicy policy) throws Exception {
        restart(new HostSettings().queueLimits(limits).overrunPolicy(policy));
        return host.wire();
    }

    private Session begin(PeerWire wire, OverrunPolicy policy) throws Exception {
        Session session = add(wire, listener);
        awaitOpened();
        assertSame(policy, session.overrunPolicy());
        return session;
    }

    private void requireEndedFor(String why) throws Exception {
        awaitClosed();
        SlowConsumerException cause = assertInstanceOf(SlowConsumerException.class, listener.cause);
        assertTrue(String.valueOf(cause.getMessage()).contains(why), cause::toString);
    }

    @Test
    void shouldEndAtTheMessageThatWouldPassAHardLimit() throws Exception {
        PeerWire wire = start(QueueLimits.DEFAULT, OverrunPolicy.end());
        Session session = begin(wire, OverrunPolicy.end());
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        OfferResult result = OfferResult.QUEUED;
        try (SendBuffer message = NumberedMessages.sealed(pool, BACKLOG, LENGTH)) {
            while (result == OfferResult.QUEUED) {
                result = session.queue(message);
            }
        }
        assertEquals(OfferResult.CLOSED, result);
        requireEndedFor("more than 4,194,304 bytes would have waited");
        wire.close();
        flush.get();
    }

    @Test
    void shouldEndWhenItsSoftLimitIsPassedForTooLong() throws Exception {
        QueueLimits limits = QueueLimits.DEFAULT.withSoftLimit(3 * LENGTH, TIME);
        PeerWire wire = start(limits, OverrunPolicy.end());
        Session session = begin(wire, OverrunPolicy.end());
        long start = System.nanoTime();
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        requireEndedFor("more than 30,000 bytes have waited for PT0.2S");
        requireInTime(start);
        wire.close();
        flush.get();
    }

    private static void requireInTime(long start) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= TIME.toMillis() - 1 && millis <= TIME.toMillis() + MAX_LATE_MILLIS, () -> millis + " ms");
    }

    @Test
    void shouldEndWhenAMessageHasWaitedForTooLong() throws Exception {
        PeerWire wire = start(QueueLimits.DEFAULT.withMaxAge(TIME), OverrunPolicy.end());
        Session session = begin(wire, OverrunPolicy.end());
        long start = System.nanoTime();
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        requireEndedFor("a message has waited for PT0.2S");
        requireInTime(start);
        wire.close();
        flush.get();
    }

    @Test
    void shouldKeepALimitThatIsSetWhileItsPeerReadsNothing() throws Exception {
        PeerWire wire = start(QueueLimits.DEFAULT, OverrunPolicy.end());
        Session session = begin(wire, OverrunPolicy.end());
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        long start = System.nanoTime();
        session.queueLimits(QueueLimits.DEFAULT.withMaxAge(TIME));
        requireEndedFor("a message has waited for PT0.2S");
        requireInTime(start);
        wire.close();
        flush.get();
    }

    @Test
    void shouldStayWhenItsPeerReadsInTime() throws Exception {
        QueueLimits limits = QueueLimits.DEFAULT
                .withSoftLimit(3 * LENGTH, Duration.ofSeconds(5))
                .withMaxAge(Duration.ofSeconds(5));
        PeerWire wire = start(limits, OverrunPolicy.end());
        Session session = begin(wire, OverrunPolicy.end());
        for (int i = 0; i < 3; i++) {
            Future<?> flush = startBacklog(session, wire, BACKLOG);
            NumberedMessages.requireMessages(wire.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
            flush.get();
        }
        assertFalse(session.isClosed());
    }

    @Test
    void shouldRefuseWhileASoftLimitIsPassedAndItHolds() throws Exception {
        QueueLimits limits = QueueLimits.DEFAULT.withSoftLimit(3 * LENGTH, TIME);
        PeerWire wire = start(limits, OverrunPolicy.hold());
        Session session = begin(wire, OverrunPolicy.hold());
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        Await.until("it refuses", () -> queueOneByte(session) == OfferResult.REFUSED_SOFT_LIMIT);
        assertFalse(session.isWritable());
        NumberedMessages.requireMessages(wire.readFully(BACKLOG * LENGTH), BACKLOG, LENGTH);
        Await.until("it accepts again", () -> queueOneByte(session) == OfferResult.QUEUED);
        flush.get();
    }

    private OfferResult queueOneByte(Session session) {
        try (SendBuffer message = pool.acquire(1).putByte(0).seal()) {
            return session.queue(message);
        }
    }

    @Test
    void shouldDropTheOldestAndSayHowMuch() throws Exception {
        OverrunPolicy policy = OverrunPolicy.skip(
                gap -> pool.acquire(9).putByte(-1).putLong(gap.messages()).seal());
        PeerWire wire = start(QueueLimits.DEFAULT, policy);
        Session session = begin(wire, policy);
        int count = 2 * BACKLOG;
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        queueAll(session, count);
        assertTrue(session.droppedMessages() > 0);
        assertEquals(session.droppedMessages() * LENGTH, session.droppedBytes());
        Future<?> rest = startFlush(session);
        long left = (long) BACKLOG + count;
        long noticed = 0;
        while (left > 0) {
            byte[] first = wire.readFully(1);
            if (first[0] == -1) {
                long missing = ByteBuffer.wrap(wire.readFully(8)).getLong();
                noticed += missing;
                left -= missing;
            } else {
                wire.readFully(LENGTH - 1);
                left--;
            }
        }
        assertEquals(session.droppedMessages(), noticed, "it can account for every message");
        flush.get();
        rest.get();
    }
}
