/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: a producer that waits for room. */
@Timeout(30)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractWaitingSenderIT extends ContractTest {
    private static final int BACKLOG = 300;
    private static final int ROOM = 8;
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long STALLED_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final QueueLimits FEW = QueueLimits.DEFAULT.withMaxQueuedMessages(ROOM);

    ContractWaitingSenderIT(SessionKind kind) {
        super(kind);
    }

    private PeerWire wireOfFew() throws Exception {
        restart(new HostSettings().queueLimits(FEW));
        return host.wire();
    }

    private OfferResult send(Session session, int number, Duration timeout) throws InterruptedException {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            return session.send(message, timeout);
        }
    }

    /** Queues until there is no room, and the peer's system takes no more either. Returns how many. */
    private int fill(Session session) throws Exception {
        int count = 0;
        Future<?> flush = startFlush(session);
        while (session.stats().stalledNanos() < STALLED_NANOS || session.isWritable()) {
            try (SendBuffer message = NumberedMessages.sealed(pool, count, LENGTH)) {
                if (session.queue(message) == OfferResult.QUEUED) {
                    count++;
                } else if (flush.isDone()) {
                    flush = startFlush(session);
                }
            }
        }
        return count;
    }

    @Test
    void shouldSendAllInOrderAtThePaceOfItsPeer() throws Exception {
        PeerWire wire = wireOfFew();
        Session session = add(wire, listener);
        awaitOpened();
        Future<byte[]> reading = Threads.start(() -> wire.readFully(BACKLOG * LENGTH));
        for (int number = 0; number < BACKLOG; number++) {
            if (number % 3 == 0) {
                try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH);
                        SendBatch batch = new SendBatch().add(message).seal()) {
                    assertEquals(OfferResult.QUEUED, session.send(batch, LONG));
                }
            } else {
                assertEquals(OfferResult.QUEUED, send(session, number, LONG));
            }
        }
        NumberedMessages.requireMessages(reading.get(), BACKLOG, LENGTH);
    }

    @Test
    void shouldBeRefusedWhenTheTimeIsOver() throws Exception {
        PeerWire wire = wireOfFew();
        Session session = add(wire, listener);
        awaitOpened();
        int count = fill(session);
        long start = System.nanoTime();
        assertEquals(OfferResult.REFUSED_MESSAGES, send(session, count, SHORT));
        assertTrue(System.nanoTime() - start >= SHORT.toNanos());
        assertEquals(OfferResult.REFUSED_MESSAGES, send(session, count, Duration.ZERO));
        NumberedMessages.requireMessages(wire.readFully(count * LENGTH), count, LENGTH);
    }

    @Test
    void shouldSendWhenTheLimitsAreRaised() throws Exception {
        PeerWire wire = wireOfFew();
        Session session = add(wire, listener);
        awaitOpened();
        int count = fill(session);
        long refused = session.stats().refusedMessages();
        Future<OfferResult> waiting = Threads.start(() -> send(session, count, LONG));
        Await.until("it was refused", () -> session.stats().refusedMessages() > refused);
        session.queueLimits(QueueLimits.DEFAULT);
        NumberedMessages.requireMessages(wire.readFully((count + 1) * LENGTH), count + 1, LENGTH);
        assertEquals(OfferResult.QUEUED, waiting.get(20, TimeUnit.SECONDS));
    }

    @Test
    void shouldLearnOfTheEndWhileItWaits() throws Exception {
        PeerWire wire = wireOfFew();
        Session session = add(wire, listener);
        awaitOpened();
        int count = fill(session);
        long refused = session.stats().refusedMessages();
        Future<OfferResult> waiting = Threads.start(() -> send(session, count, LONG));
        Await.until("it was refused", () -> session.stats().refusedMessages() > refused);
        session.abort();
        assertEquals(OfferResult.CLOSED, waiting.get(20, TimeUnit.SECONDS));
        awaitClosed();
    }

    @Test
    void shouldNotWaitWithinACallback() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        PeerWire wire = wireOfFew();
        add(wire, new RecordingListener() {
            @Override
            public void onOpened(Session opened) {
                super.onOpened(opened);
                queueAll(opened, ROOM);
                try {
                    ContractWaitingSenderIT.this.send(opened, ROOM, LONG);
                } catch (IllegalStateException | InterruptedException e) {
                    thrown.set(e);
                }
                opened.abort();
            }
        });
        Await.until("it threw", () -> thrown.get() != null);
        assertInstanceOf(IllegalStateException.class, thrown.get());
    }
}
