/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.ReleaseCounter;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every kind of session for batches: whole and in order, or nothing, and all of it is released. */
@Timeout(60)
@ParameterizedClass
@MethodSource("io.sendbuffer.session.contract.Way#all")
class ContractBatchIT extends ContractTest {
    private static final int SHORT = 100;

    private final SendBatch batch = new SendBatch();

    ContractBatchIT(Way way) {
        super(way);
    }

    private void fill(int first, int count, int length) {
        for (int number = first; number < first + count; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, length)) {
                batch.add(message);
            }
        }
    }

    @Test
    void shouldDeliverBatchesAndSingleMessagesInTheOrderInWhichTheyWereSent() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        int number = 0;
        for (int round = 0; round < 30; round++) {
            int size = round % 20;
            fill(number, size, SHORT);
            assertEquals(OfferResult.QUEUED, send(session, batch.seal()));
            batch.clear();
            number += size;
            try (SendBuffer message = NumberedMessages.sealed(pool, number++, SHORT)) {
                assertEquals(OfferResult.QUEUED, send(session, message));
            }
        }
        NumberedMessages.requireMessages(wire.readFully(number * SHORT), number, SHORT);
        Await.until("everything was released", () -> pool.stats().outstandingBuffers() == 0);
    }

    @Test
    void shouldDeliverABatchThatIsLargerThanWhatTheKernelTakes() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        fill(0, 300, LENGTH);
        Future<?> sending = Threads.start(() -> send(session, batch.seal()));
        NumberedMessages.requireMessages(wire.readFully(300 * LENGTH), 300, LENGTH);
        assertEquals(OfferResult.QUEUED, Threads.join(sending));
        batch.clear();
        Await.until("everything was released", () -> pool.stats().outstandingBuffers() == 0);
    }

    @Test
    void shouldBroadcastABatchToEveryMember() throws Exception {
        SessionGroup group = new SessionGroup();
        PeerWire[] wires = new PeerWire[3];
        for (int i = 0; i < wires.length; i++) {
            wires[i] = host.wire();
            group.add(add(wires[i], new RecordingListener()));
        }
        ReleaseCounter done = new ReleaseCounter();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 10; i++) {
                try (SendBuffer message = NumberedMessages.sealed(pool, round * 10 + i, SHORT)) {
                    batch.add(message.onRelease(done));
                }
            }
            assertEquals(3, group.broadcast(batch.seal()));
            batch.clear();
        }
        for (PeerWire wire : wires) {
            NumberedMessages.requireMessages(wire.readFully(200 * SHORT), 200, SHORT);
        }
        Await.until("each was notified", () -> done.released() == 200);
        assertEquals(0, done.unwritten());
        assertEquals(0, pool.stats().outstandingBuffers(), "notified after the memory is back");
    }

    @Test
    void shouldBroadcastToMembersThatPassTheFilter() throws Exception {
        PeerWire wire = host.wire();
        PeerWire silent = host.wire();
        SessionGroup group = new SessionGroup();
        Session chosen = add(wire, listener);
        Session other = add(silent, new RecordingListener());
        group.add(chosen);
        group.add(other);
        fill(0, 10, SHORT);
        assertEquals(1, group.broadcast(batch.seal(), session -> session == chosen));
        batch.clear();
        NumberedMessages.requireMessages(wire.readFully(10 * SHORT), 10, SHORT);
        fill(0, 1, SHORT);
        assertEquals(1, group.broadcast(batch.seal(), session -> session == other));
        batch.clear();
        NumberedMessages.requireMessages(silent.readFully(SHORT), 1, SHORT);
    }

    /** One member has no room: within onOpened, nothing that was sent to it is written yet. */
    @Test
    void shouldSendNothingOfABatchToAMemberWithoutRoomAndAllOfItToTheOthers() throws Exception {
        restart(new HostSettings().queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(20 * SHORT)));
        List<Session> refused = new CopyOnWriteArrayList<>();
        SessionGroup group = new SessionGroup(refused::add);
        PeerWire wire = host.wire();
        group.add(add(wire, listener));
        awaitOpened();

        PeerWire wireOfFull = host.wire();
        List<Integer> accepted = new CopyOnWriteArrayList<>();
        Session full = add(wireOfFull, new RecordingListener() {
            @Override
            public void onOpened(Session opened) {
                group.add(opened);
                for (int number = 0; number < 11; number++) {
                    try (SendBuffer message = NumberedMessages.sealed(pool, number, SHORT)) {
                        opened.queue(message);
                    }
                }
                fill(0, 10, SHORT);
                accepted.add(group.broadcast(batch.seal())); // one message too many for the byte limit of one of them
                batch.clear();
            }
        });
        Await.until("it was broadcast", () -> accepted.size() == 1);
        assertEquals(List.of(1), accepted);
        Await.until("the refusal was reported", () -> refused.size() == 1);
        assertEquals(List.of(full), refused);
        NumberedMessages.requireMessages(wire.readFully(10 * SHORT), 10, SHORT);
        Future<?> flush = startFlush(full);
        NumberedMessages.requireMessages(wireOfFull.readFully(11 * SHORT), 11, SHORT);
        Threads.join(flush);
        Await.until("everything was released", () -> pool.stats().outstandingBuffers() == 0);
    }

    @Test
    void shouldKeepNothingOfABatchForAMemberThatEndsMeanwhile() throws Exception {
        SessionGroup group = new SessionGroup();
        PeerWire wire = host.wire();
        group.add(add(wire, listener));
        Future<byte[]> reading = Threads.start(() -> wire.readFully(20 * 50 * SHORT)); // some kinds wait for the peer
        for (int round = 0; round < 20; round++) {
            Session ending = add(host.wire(), new RecordingListener());
            group.add(ending);
            fill(round * 50, 50, SHORT);
            Future<?> end = Threads.start(() -> {
                ending.abort();
                return true;
            });
            assertTrue(group.broadcast(batch.seal()) >= 1);
            batch.clear();
            Threads.join(end);
        }
        NumberedMessages.requireMessages(Threads.join(reading), 20 * 50, SHORT);
        Await.until("everything was released", () -> pool.stats().outstandingBuffers() == 0);
    }

    @Test
    void shouldSayThatItIsClosedAndKeepNothing() throws Exception {
        Session session = add(host.wire(), listener);
        awaitOpened();
        session.abort();
        fill(0, 10, SHORT);
        assertEquals(OfferResult.CLOSED, session.send(batch.seal()));
        batch.clear();
        assertEquals(0, pool.stats().outstandingBuffers());
        awaitClosed();
    }
}
