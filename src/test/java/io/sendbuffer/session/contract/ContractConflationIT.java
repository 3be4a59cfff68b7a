/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Conflation;
import io.sendbuffer.MessageClass;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: what it does with messages that have a key, a class or a time. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractConflationIT extends ContractTest {
    private static final int BACKLOG = 300;
    private static final int KEYS = 1_000;
    private static final int UPDATES = 100_000;
    private static final int BATCH = 100;
    private static final byte UPDATE = -1;

    /**
     * Bytes of an update, and of a notice, at a hundred thousand in a second: what the kernel holds is a part of all.
     */
    private static final int RECORD = 128;

    private static final long UPDATE_NANOS = 10_000;
    private static final byte NOTICE = -2;

    /** As many places as a queue keeps apart. */
    private static final int MAX_NOTICES = 16;

    ContractConflationIT(SessionKind kind) {
        super(kind);
    }

    private Session begin(PeerWire wire) throws Exception {
        Session session = add(wire, listener);
        awaitOpened();
        return session;
    }

    private SendBuffer update(int number) {
        return pool.acquire(9)
                .putByte(UPDATE)
                .putInt(number % KEYS)
                .putInt(number)
                .conflate(number % KEYS)
                .seal();
    }

    @Test
    void shouldSendTheLastOfEachKeyInItsPlaceAndAccountForTheOthers() throws Exception {
        requireConflated(Conflation.inPlace(), false);
    }

    @Test
    void shouldSendTheLastOfEachKeyInOrderAndAccountForTheOthers() throws Exception {
        requireConflated(Conflation.atEnd(), true);
    }

    /** A hundred thousand updates of a thousand keys while the peer reads nothing. */
    private void requireConflated(Conflation how, boolean isInOrder) throws Exception {
        Conflation conflation = how.withNotice(
                gap -> pool.acquire(9).putByte(NOTICE).putLong(gap.conflated()).seal());
        restart(new HostSettings().conflation(conflation));
        PeerWire wire = host.wire();
        Session session = begin(wire);
        assertSame(conflation, session.conflation());
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        sendUpdates(session);
        assertEquals(UPDATES - KEYS, session.conflatedMessages());
        Future<?> rest = startFlush(session);
        wire.readFully(BACKLOG * LENGTH);
        int notices = requireUpdates(wire, isInOrder);
        assertTrue(isInOrder ? notices == 1 : notices <= MAX_NOTICES, () -> notices + " notices");
        flush.get();
        rest.get();
    }

    /**
     * A thousand keys, a hundred thousand updates at a rate, a peer that reads one of a hundred: for each key it gets
     * some of the values in their order and the last one, and notices of all the others.
     */
    @Test
    void shouldAccountForEveryUpdateToAPeerThatReadsAHundredth() throws Exception {
        restart(new HostSettings()
                .conflation(Conflation.inPlace()
                        .withNotice(gap -> pool.acquire(RECORD)
                                .putByte(NOTICE)
                                .putLong(gap.conflated())
                                .seal(RECORD))));
        PeerWire wire = host.wire();
        Session session = begin(wire);
        AtomicInteger sent = new AtomicInteger();
        Future<?> flusher = Threads.start(() -> {
            while (sent.get() < UPDATES) {
                session.flush(); // of some kinds, as long as the peer reads nothing
                Thread.onSpinWait();
            }
            session.flush();
            return true;
        });
        Future<?> sender = Threads.start(() -> {
            sendAtARate(session, sent);
            return true;
        });
        requireAllAccountedFor(session, wire, sent);
        sender.get();
        flusher.get();
    }

    private void sendAtARate(Session session, AtomicInteger sent) {
        long start = System.nanoTime();
        for (int number = 0; number < UPDATES; number++) {
            while (System.nanoTime() - start < number * UPDATE_NANOS) {
                Thread.onSpinWait();
            }
            try (SendBuffer update = pool.acquire(RECORD)
                    .putByte(UPDATE)
                    .putInt(number % KEYS)
                    .putInt(number)
                    .conflate(number % KEYS)
                    .seal(RECORD)) {
                assertEquals(OfferResult.QUEUED, session.queue(update));
            }
            sent.incrementAndGet();
        }
    }

    private static void requireAllAccountedFor(Session session, PeerWire wire, AtomicInteger sent) throws Exception {
        int[] last = new int[KEYS];
        Arrays.fill(last, -1);
        long values = 0;
        long replaced = 0;
        while (values + replaced < UPDATES) {
            long due = Math.min(UPDATES, 100 * (values + 1));
            Await.until("it was sent", () -> sent.get() >= due);
            ByteBuffer record = ByteBuffer.wrap(wire.readFully(RECORD));
            if (record.get() == NOTICE) {
                replaced += record.getLong();
                continue;
            }
            int key = record.getInt();
            int number = record.getInt();
            assertEquals(key, number % KEYS);
            assertTrue(number > last[key], "for each key in order");
            last[key] = number;
            values++;
        }
        assertEquals(UPDATES, values + replaced, "each is counted once");
        assertEquals(session.conflatedMessages(), replaced);
        for (int key = 0; key < KEYS; key++) {
            assertEquals(UPDATES - KEYS + key, last[key], "the last one of each key");
        }
    }

    private void sendUpdates(Session session) {
        try (SendBatch batch = new SendBatch()) {
            for (int number = 0; number < UPDATES; number++) {
                try (SendBuffer update = update(number)) {
                    if (number % (2 * BATCH) < BATCH) {
                        batch.add(update);
                    } else {
                        assertEquals(OfferResult.QUEUED, session.queue(update));
                    }
                }
                if (batch.size() == BATCH) {
                    assertEquals(OfferResult.QUEUED, session.send(batch.seal()));
                    batch.clear();
                }
            }
        }
    }

    /** Each update is sent, or in a notice, the first of which is where the first was replaced. Returns how many. */
    private static int requireUpdates(PeerWire wire, boolean isInOrder) throws Exception {
        int[] last = new int[KEYS];
        Arrays.fill(last, -1);
        int before = -1;
        int notices = 0;
        long accounted = 0;
        while (accounted < UPDATES) {
            ByteBuffer message = ByteBuffer.wrap(wire.readFully(9));
            byte type = message.get();
            if (type == NOTICE) {
                accounted += message.getLong();
                notices++;
                continue;
            }
            assertTrue(notices > 0, "a notice comes first");
            assertEquals(UPDATE, type);
            int key = message.getInt();
            int number = message.getInt();
            assertEquals(key, number % KEYS);
            assertTrue(number > last[key], "for each key in order");
            assertTrue(!isInOrder || number > before, "all in order");
            last[key] = number;
            before = number;
            accounted++;
        }
        assertEquals(UPDATES, accounted);
        for (int key = 0; key < KEYS; key++) {
            assertEquals(UPDATES - KEYS + key, last[key], "the last one of each key");
        }
        return notices;
    }

    @Test
    void shouldTakeControlMessagesBeyondTheLimitsAndRefuseExpendableOnes() throws Exception {
        restart(new HostSettings().queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(2_000_000)));
        PeerWire wire = host.wire();
        Session session = begin(wire);
        Future<?> flush = startBacklog(session, wire, 100);
        int queued = fill(session);
        assertEquals(OfferResult.REFUSED_EXPENDABLE, queueByte(session, MessageClass.EXPENDABLE));
        assertEquals(OfferResult.QUEUED, queueByte(session, MessageClass.CONTROL));
        Future<?> rest = startFlush(session);
        wire.readFully((100 + queued) * LENGTH);
        assertEquals(7, wire.readFully(1)[0]);
        flush.get();
        rest.get();
    }

    private int fill(Session session) {
        int queued = 0;
        while (true) {
            try (SendBuffer message = NumberedMessages.sealed(pool, queued, LENGTH)) {
                if (session.queue(message) != OfferResult.QUEUED) {
                    return queued;
                }
            }
            queued++;
        }
    }

    private OfferResult queueByte(Session session, MessageClass messageClass) {
        try (SendBuffer message =
                pool.acquire(1).putByte(7).messageClass(messageClass).seal()) {
            return session.queue(message);
        }
    }

    @Test
    void shouldLeaveOutWhatHasExpired() throws Exception {
        restart(new HostSettings().overrunPolicy(OverrunPolicy.skip()));
        PeerWire wire = host.wire();
        Session session = begin(wire);
        Future<?> flush = startBacklog(session, wire, BACKLOG);
        for (int i = 0; i < 100; i++) {
            try (SendBuffer message = pool.acquire(1)
                    .putByte(i)
                    .expireAfter(i % 2 == 0 ? Duration.ofMillis(1) : Duration.ofDays(1))
                    .seal()) {
                assertEquals(OfferResult.QUEUED, session.queue(message));
            }
        }
        long start = System.nanoTime();
        while (System.nanoTime() - start < 3_000_000) {
            Thread.onSpinWait();
        }
        Future<?> rest = startFlush(session);
        wire.readFully(BACKLOG * LENGTH);
        byte[] bytes = wire.readFully(50);
        for (int i = 0; i < bytes.length; i++) {
            assertEquals(2 * i + 1, bytes[i]);
        }
        assertEquals(50, session.expiredMessages());
        flush.get();
        rest.get();
    }
}
