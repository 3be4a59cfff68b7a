/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session: the values that it asks for when it is written to. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractPullIT extends ContractTest {
    private static final int KEYS = 1_000;
    private static final int UPDATES = 100_000;
    private static final int LENGTH_OF_VALUE = 8;

    /** A client that reads a hundredth. */
    private static final int UPDATES_FOR_EACH_READ = 100;

    private static final long LOOK_NANOS = 1_000_000;

    private final AtomicIntegerArray table = new AtomicIntegerArray(KEYS);
    private volatile int made;

    ContractPullIT(SessionKind kind) {
        super(kind);
    }

    private Session begin(PeerWire wire) throws Exception {
        Session session = add(wire, listener);
        session.pullFrom(this::newest, KEYS);
        awaitOpened();
        return session;
    }

    private SendBuffer newest(int key) {
        return pool.acquire(LENGTH_OF_VALUE).putInt(key).putInt(table.get(key)).seal();
    }

    private boolean update(Session session) {
        int number = made + 1; // one thread updates
        made = number;
        table.set(number % KEYS, number);
        return session.mark(number % KEYS);
    }

    /** A hundred thousand updates of a thousand keys. */
    @Test
    void shouldSendSomeValuesOfEachKeyInOrderAndTheLastOne() throws Exception {
        PeerWire wire = host.wire();
        Session session = begin(wire);
        Future<?> updates = Threads.start(() -> {
            for (int i = 0; i < UPDATES; i++) {
                assertTrue(update(session));
            }
            session.close();
            return true;
        });
        ByteBuffer received = readSlowly(wire, updates);
        updates.get();
        int count = received.remaining() / LENGTH_OF_VALUE;
        assertEquals(UPDATES, count + session.conflatedMarks(), "each mark is accounted for");
        if (!kind.interruptsCloseChannel()) { // or else the sender waits for the peer
            assertTrue(count < UPDATES / 2, () -> count + " values");
        }
        requireLast(received);
    }

    /** Reads one value for each hundred updates, or when those wait for the peer; all that is left at their end. */
    private ByteBuffer readSlowly(PeerWire wire, Future<?> updates) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer target = ByteBuffer.allocate(1 << 16);
        int before = 0;
        int count;
        do {
            boolean readsAll = updates.isDone();
            while (!readsAll && made < UPDATES_FOR_EACH_READ * (all.size() / LENGTH_OF_VALUE)) {
                LockSupport.parkNanos(LOOK_NANOS);
                readsAll = updates.isDone() || (kind.interruptsCloseChannel() && made == before);
                before = made;
            }
            target.clear().limit(readsAll ? target.capacity() : LENGTH_OF_VALUE);
            count = wire.read(target);
            all.write(target.array(), 0, target.position());
        } while (count >= 0);
        return ByteBuffer.wrap(all.toByteArray());
    }

    private static void requireLast(ByteBuffer received) {
        int[] last = new int[KEYS];
        Arrays.fill(last, -1);
        while (received.hasRemaining()) {
            int key = received.getInt();
            int number = received.getInt();
            assertEquals(key, number % KEYS);
            assertTrue(number >= last[key], "for each key in order");
            last[key] = number;
        }
        for (int key = 0; key < KEYS; key++) {
            assertEquals(key == 0 ? UPDATES : UPDATES - KEYS + key, last[key], "the last one of each key");
        }
    }

    @Test
    void shouldMarkEachMemberOfAGroupThatHasTheKey() throws Exception {
        PeerWire wire = host.wire();
        Session session = begin(wire);
        Session other = host.add(host.wire(), new RecordingListener());
        SessionGroup group = new SessionGroup();
        group.add(session);
        group.add(other);
        table.set(7, 70);
        assertEquals(1, group.mark(7), "the other one has no source");
        assertEquals(0, group.mark(KEYS));
        ByteBuffer value = ByteBuffer.wrap(wire.readFully(LENGTH_OF_VALUE));
        assertEquals(7, value.getInt());
        assertEquals(70, value.getInt());
        assertThrows(IllegalArgumentException.class, () -> group.mark(-1));
        assertThrows(IllegalStateException.class, () -> other.mark(0));
        session.abort();
        assertEquals(0, group.mark(7));
    }

    @Test
    void shouldEndOnceWithWhatTheSourceThrows() throws Exception {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        session.pullFrom(
                key -> {
                    throw thrown;
                },
                KEYS);
        awaitOpened();
        assertTrue(session.mark(0));
        awaitClosed();
        assertSame(thrown, listener.cause);
        assertFalse(session.mark(0));
    }

    @Test
    void shouldSendWhatWasMarkedBeforeAClose() throws Exception {
        restart(new HostSettings().minFlushInterval(Duration.ofHours(1)));
        PeerWire wire = host.wire();
        Session session = begin(wire);
        try (SendBuffer message = pool.acquire(1).putByte(1).seal()) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
        wire.readFully(1);
        for (int i = 0; i < KEYS; i++) {
            assertTrue(update(session)); // they wait for the rate cap
        }
        session.close();
        assertFalse(session.mark(0));
        byte[] rest = wire.readToTheEnd(KEYS * LENGTH_OF_VALUE);
        assertEquals(KEYS * LENGTH_OF_VALUE, rest.length);
    }
}
