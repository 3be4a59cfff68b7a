/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.MessageClass;
import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: how often it is flushed under a rate cap, and that nothing is held by it. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractRateCapIT extends ContractTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration CAP = Duration.ofMillis(50);
    private static final int KEYS = 10;
    private static final int UPDATES = 1_000;
    private static final long UPDATE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    ContractRateCapIT(SessionKind kind) {
        super(kind);
    }

    private PeerWire startWith(Duration cap) throws Exception {
        restart(new HostSettings().minFlushInterval(cap));
        return host.wire();
    }

    private Session begin(PeerWire wire) throws Exception {
        Session session = add(wire, listener);
        awaitOpened();
        return session;
    }

    private void sendByte(Session session, int value) {
        sendByte(session, value, MessageClass.NORMAL);
    }

    private void sendByte(Session session, int value, MessageClass messageClass) {
        try (SendBuffer message =
                pool.acquire(1).putByte(value).messageClass(messageClass).seal()) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
    }

    /** A thousand updates per second, of ten keys. */
    @Test
    void shouldFlushAtMostSoOftenAndEndWithTheLastValueOfEachKey() throws Exception {
        PeerWire wire = startWith(CAP);
        Session session = begin(wire);
        long start = System.nanoTime();
        for (int number = 0; number < UPDATES; number++) {
            awaitTime(start + number * UPDATE_NANOS);
            try (SendBuffer update = pool.acquire(5)
                    .putByte(number % KEYS)
                    .putInt(number)
                    .conflate(number % KEYS)
                    .seal()) {
                assertEquals(OfferResult.QUEUED, session.send(update));
            }
        }
        session.close();
        long flushes = (System.nanoTime() - start) / CAP.toNanos() + 2; // the first one, and the last one
        ByteBuffer received = ByteBuffer.wrap(wire.readToTheEnd(5 * UPDATES));
        long values = received.remaining() / 5;
        assertTrue(values <= 3 * flushes * KEYS / 2, values + " values in " + flushes + " flushes");
        assertEquals(UPDATES - values, session.conflatedMessages());
        requireLast(received);
    }

    /**
     * As fast as the sender can, which is faster than a write: a flush that waited for the end of it would have none.
     */
    @Test
    void shouldHoldTheCapHoweverFastUpdatesCome() throws Exception {
        PeerWire wire = startWith(CAP);
        Session session = begin(wire);
        AtomicIntegerArray table = new AtomicIntegerArray(KEYS);
        session.pullFrom(
                key -> pool.acquire(5).putByte(key).putInt(table.get(key)).seal(), KEYS);
        long start = System.nanoTime();
        int number = 0;
        while (System.nanoTime() - start < 10 * CAP.toNanos()) {
            table.set(number % KEYS, number);
            assertTrue(session.mark(number % KEYS));
            number++;
        }
        session.close();
        long flushes = (System.nanoTime() - start) / CAP.toNanos() + 2;
        ByteBuffer received = ByteBuffer.wrap(wire.readToTheEnd(5 * number));
        assertEquals(number, received.remaining() / 5 + session.conflatedMarks());
        int values = received.remaining() / 5;
        assertTrue(values <= 3 * flushes * KEYS / 2, values + " values in " + flushes + " flushes");
    }

    private static void awaitTime(long nanos) {
        long left;
        while ((left = nanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    private static void requireLast(ByteBuffer received) {
        int[] last = new int[KEYS];
        Arrays.fill(last, -1);
        while (received.hasRemaining()) {
            int key = received.get();
            int number = received.getInt();
            assertTrue(number > last[key], "for each key in order");
            last[key] = number;
        }
        for (int key = 0; key < KEYS; key++) {
            assertEquals(UPDATES - KEYS + key, last[key], "the last one of each key");
        }
    }

    @Test
    void shouldNotDelayTheFirstMessageNorAClose() throws Exception {
        PeerWire wire = startWith(NEVER);
        Session session = begin(wire);
        sendByte(session, 1);
        assertEquals(1, wire.readFully(1)[0]);
        Await.until("it is counted off", () -> session.queuedMessages() == 0);
        sendByte(session, 2);
        sendByte(session, 3, MessageClass.CONTROL);
        assertEquals(2, session.queuedMessages(), "control messages wait, too");
        session.close();
        byte[] rest = wire.readToTheEnd(2);
        assertEquals(2, rest[0]);
        assertEquals(3, rest[1]);
        wire.endOutputIfOpen();
        awaitClosed();
        assertNull(listener.cause);
    }

    @Test
    void shouldFlushWhatWaitsWhenTheCapIsChanged() throws Exception {
        PeerWire wire = startWith(NEVER);
        Session session = begin(wire);
        for (int i = 0; i < 3; i++) {
            sendByte(session, 1);
            sendByte(session, 2);
            session.minFlushInterval(i < 2 ? NEVER : Duration.ZERO);
            wire.readFully(2);
        }
        sendByte(session, 3);
        sendByte(session, 4);
        wire.readFully(2);
    }

    @Test
    void shouldFlushWhenTheTimeHasCome() throws Exception {
        PeerWire wire = startWith(CAP);
        Session session = begin(wire);
        assertEquals(CAP, session.minFlushInterval());
        for (int i = 0; i < 3; i++) {
            sendByte(session, 1);
            sendByte(session, 2);
            wire.readFully(2);
        }
        session.minFlushInterval(Duration.ofMillis(1));
        for (int i = 0; i < 100; i++) {
            sendByte(session, 1);
            wire.readFully(1);
        }
    }

    @Test
    void shouldContinueWhatAFlushHasBegun() throws Exception {
        PeerWire wire = startWith(NEVER);
        Session session = begin(wire);
        var flush = startBacklog(session, wire, 300);
        byte[] bytes = wire.readFully(300 * LENGTH);
        NumberedMessages.requireMessages(bytes, 300, LENGTH);
        flush.get();
        Await.until("all is counted off", () -> session.queuedMessages() == 0);
    }

    @Test
    void shouldCapWhatAGroupSends() throws Exception {
        PeerWire wire = startWith(NEVER);
        Session session = begin(wire);
        SessionGroup group = new SessionGroup();
        group.add(session);
        for (int i = 0; i < 100; i++) {
            try (SendBuffer message = pool.acquire(1).putByte(i).conflate(7).seal()) {
                assertEquals(1, group.broadcast(message));
            }
            if (i == 0) {
                wire.readFully(1);
                Await.until("it is counted off", () -> session.queuedMessages() == 0);
            }
        }
        assertEquals(98, session.conflatedMessages());
        session.minFlushInterval(Duration.ZERO);
        assertEquals(99, wire.readFully(1)[0]);
    }

    @Test
    void shouldCapWhatALogBrings() throws Exception {
        Assumptions.assumeTrue(kind.isLoop());
        PeerWire wire = startWith(NEVER);
        Session session = begin(wire);
        try (BroadcastLog log = BroadcastLog.builder(pool).build()) {
            session.subscribe(log);
            append(log, 1);
            wire.readFully(1);
            append(log, 2);
            sendByte(session, 3);
            append(log, 4);
            session.minFlushInterval(CAP);
            byte[] rest = wire.readFully(3);
            assertEquals(2, rest[0]);
            assertEquals(3, rest[1]);
            assertEquals(4, rest[2]);
            append(log, 5);
            append(log, 6);
            wire.readFully(2);
        }
    }

    private void append(BroadcastLog log, int value) {
        try (SendBuffer message = pool.acquire(1).putByte(value).seal()) {
            log.append(message);
        }
    }
}
