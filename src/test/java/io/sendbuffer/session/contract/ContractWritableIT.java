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
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: the watermarks, and limits that change while it lives. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractWritableIT extends ContractTest {
    private static final int BACKLOG = 300;
    private static final QueueLimits WATERMARKS = QueueLimits.DEFAULT.withWatermarks(8 * LENGTH, 2 * LENGTH);

    ContractWritableIT(SessionKind kind) {
        super(kind);
    }

    @Test
    void shouldReportEachWatermarkThatItsQueuePassesAndItsDraining() throws Exception {
        restart(new HostSettings().queueLimits(WATERMARKS));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        queueAll(session, 8);
        assertTrue(session.isWritable());
        queueAll(session, BACKLOG - 8);
        assertFalse(session.isWritable());
        Await.until("it is reported", () -> !listener.pressure.isEmpty());

        Future<?> flush = startFlush(session);
        wire.readFully(BACKLOG * LENGTH);

        Await.until("all is reported", () -> listener.lastPressure().equals(RecordingListener.DRAINED));
        assertEquals("false", listener.pressure.get(0));
        assertTrue(session.isWritable());
        flush.get();
    }

    @Test
    void shouldLoseNothingOfAProducerThatWaitsToBeWritable() throws Exception {
        restart(new HostSettings().queueLimits(WATERMARKS.withMaxQueuedMessages(16)));
        Semaphore writable = new Semaphore(0);
        PeerWire wire = host.wire();
        Session session = add(wire, new RecordingListener() {
            @Override
            public void onWritable(Session of, boolean isWritable) {
                super.onWritable(of, isWritable);
                if (isWritable) {
                    writable.release();
                }
            }
        });
        Future<byte[]> reading = Threads.start(() -> wire.readFully(BACKLOG * LENGTH));
        for (int number = 0; number < BACKLOG; ) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                OfferResult result = session.send(message);
                if (result == OfferResult.QUEUED) {
                    number++;
                } else {
                    assertTrue(result.isRefused(), result::toString);
                    assertTrue(writable.tryAcquire(30, TimeUnit.SECONDS), "the rise that follows a refusal");
                }
            }
        }
        NumberedMessages.requireMessages(reading.get(), BACKLOG, LENGTH);
    }

    @Test
    void shouldChangeItsLimitsWhileItLives() throws Exception {
        QueueLimits wide = QueueLimits.DEFAULT.withWatermarks(4 << 20, 4 << 20);
        restart(new HostSettings().queueLimits(wide));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        assertEquals(List.of(), listener.pressure);

        session.queueLimits(wide.withMaxQueuedMessages(1).withWatermarks(1, 0));
        assertEquals(1, session.queueLimits().maxQueuedMessages());
        Await.until("it holds more than the watermark now", () -> listener.pressure.equals(List.of("false")));
        try (SendBuffer message = NumberedMessages.sealed(pool, BACKLOG, LENGTH)) {
            assertEquals(OfferResult.REFUSED_MESSAGES, session.queue(message));
            session.queueLimits(wide);
            Await.until("not any more", () -> listener.lastPressure().equals("true"));
            assertEquals(OfferResult.QUEUED, session.queue(message));
        }
        Future<?> rest = startFlush(session);
        NumberedMessages.requireMessages(wire.readFully((BACKLOG + 1) * LENGTH), BACKLOG + 1, LENGTH);
        flush.get();
        rest.get();
    }

    @Test
    void shouldReportNoWatermarkOnceItIsClosed() throws Exception {
        restart(new HostSettings().queueLimits(WATERMARKS));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        queueAll(session, 8);
        Future<?> flush = startFlush(session);
        session.close();
        assertFalse(session.isWritable());
        NumberedMessages.requireMessages(wire.readFully(8 * LENGTH), 8, LENGTH);
        wire.close();
        awaitClosed();
        assertEquals(List.of(), listener.pressure);
        flush.get();
    }

    private void queueOne(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            OfferResult result = session.queue(message);
            assertTrue(result == OfferResult.QUEUED || session.isClosed(), result::toString);
        }
    }

    @Test
    void shouldEndWithWhatTheListenerOfAWatermarkThrows() throws Exception {
        restart(new HostSettings().queueLimits(WATERMARKS));
        IllegalStateException thrown = new IllegalStateException("on purpose");
        RecordingListener throwing = new RecordingListener() {
            @Override
            public void onWritable(Session of, boolean isWritable) {
                super.onWritable(of, isWritable);
                throw thrown;
            }
        };
        Session session = add(host.wire(), throwing);
        Await.until("it ended", () -> {
            queueOne(session); // a loop may write some meanwhile
            return throwing.isClosed();
        });
        assertInstanceOf(IllegalStateException.class, throwing.cause);
        assertSame(thrown, throwing.cause);
        assertEquals(List.of("false"), throwing.pressure);
        throwing.requireOrder();
    }
}
