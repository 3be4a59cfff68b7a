/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RefusalListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionKind;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session in a group: a member that stops reading is left out, and comes back. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractParkingIT extends ContractTest {
    private static final int BACKLOG = 300;
    private static final int MISSED = 100;

    private static final int SENDERS = 2;
    private static final int SHORT = 1_000;
    private static final int BROADCASTS = 3_000;
    private static final int EPISODES = 3;
    private static final int MAX_BURST = 64 << 10;

    private final Episodes episodes = new Episodes();
    private final SessionGroup group = new SessionGroup(episodes);

    ContractParkingIT(SessionKind kind) {
        super(kind);
    }

    private static final class Episodes implements RefusalListener {
        final AtomicInteger begun = new AtomicInteger();
        final AtomicInteger ended = new AtomicInteger();
        final AtomicLong missedMessages = new AtomicLong();
        final AtomicLong missedBytes = new AtomicLong();

        @Override
        public void onRefused(Session session) {
            begun.incrementAndGet();
        }

        @Override
        public void onRefusalsEnded(Session session, long messages, long bytes) {
            missedMessages.addAndGet(messages);
            missedBytes.addAndGet(bytes);
            ended.incrementAndGet();
        }
    }

    private int broadcast(int number, int length) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, length)) {
            return group.broadcast(message);
        }
    }

    @Test
    void shouldSendAgainToAMemberThatReadsAgainAndCountWhatItMissed() throws Exception {
        restart(new HostSettings());
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        group.add(session);
        for (int episode = 1; episode <= 3; episode++) {
            Future<?> flush = startBacklog(session, wire, BACKLOG);
            int accepted = 0;
            while (broadcast(BACKLOG + accepted, LENGTH) == 1) {
                accepted++;
            }
            for (int i = 0; i < MISSED; i++) {
                assertEquals(0, broadcast(i, i % 2 == 0 ? LENGTH : Integer.BYTES), "small ones too");
            }
            long missed = 1 + MISSED;

            int messages = BACKLOG + accepted;
            NumberedMessages.requireMessages(wire.readFully(messages * LENGTH), messages, LENGTH);
            AtomicLong later = new AtomicLong();
            Await.until("it is sent to again", () -> broadcast(0, LENGTH) == 1 || later.incrementAndGet() < 0);
            NumberedMessages.requireMessages(wire.readFully(LENGTH), 1, LENGTH);
            flush.get();

            int ends = episode;
            Await.until("the episode ended", () -> episodes.ended.get() == ends);
            assertEquals(episode, episodes.begun.get());
            assertEquals(missed + later.get(), episodes.missedMessages.getAndSet(0));
            long bytes = (1 + MISSED / 2 + later.get()) * LENGTH + MISSED / 2 * Integer.BYTES;
            assertEquals(bytes, episodes.missedBytes.getAndSet(0));
        }
    }

    /** Parks and falls race with broadcasts of two threads: messages and batches. */
    @Test
    void shouldCountEachMessageOnceThatAMemberGetsOrMisses() throws Exception {
        long seed = TestSeed.next();
        restart(new HostSettings().queueLimits(QueueLimits.DEFAULT.withMaxQueuedMessages(16)));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        group.add(session);
        AtomicLong sent = new AtomicLong();
        AtomicLong accepted = new AtomicLong();
        AtomicInteger sending = new AtomicInteger(SENDERS);
        Future<Long> reading = Threads.start(() -> read(wire, new SplittableRandom(seed), sending, accepted));
        Threads.runTogether(SENDERS, index -> {
            try {
                send(new SplittableRandom(seed + 1 + index), sent, accepted);
            } finally {
                sending.decrementAndGet();
            }
        });
        group.remove(session);
        assertEquals(accepted.get() * SHORT, reading.get(), TestSeed.hint(seed));
        Await.until("all ended", () -> episodes.begun.get() > 0 && episodes.ended.get() == episodes.begun.get());
        assertEquals(sent.get(), accepted.get() + episodes.missedMessages.get(), TestSeed.hint(seed));
        assertEquals(sent.get() * SHORT, accepted.get() * SHORT + episodes.missedBytes.get(), TestSeed.hint(seed));
    }

    private void send(SplittableRandom random, AtomicLong sent, AtomicLong accepted) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, SHORT);
                SendBatch batch = new SendBatch().add(message).add(message).seal()) {
            for (int i = 0; i < BROADCASTS || episodes.ended.get() < EPISODES; i++) {
                if (random.nextInt(10) > 0) {
                    accepted.addAndGet(group.broadcast(message));
                    sent.incrementAndGet();
                } else {
                    accepted.addAndGet(2L * group.broadcast(batch));
                    sent.addAndGet(2);
                }
                for (int spins = random.nextInt(200); spins > 0; spins--) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    /** Reads in bursts once the member is parked first, to the end. */
    private long read(PeerWire wire, SplittableRandom random, AtomicInteger sending, AtomicLong accepted)
            throws Exception {
        Await.until("it misses something", () -> episodes.begun.get() > 0);
        long count = 0;
        while (sending.get() > 0 || count < accepted.get() * SHORT) {
            ByteBuffer target = ByteBuffer.allocate(1 + random.nextInt(MAX_BURST));
            int read = wire.read(target);
            assertTrue(read >= 0, "the end of the stream");
            count += read;
            for (int spins = random.nextInt(20_000); spins > 0; spins--) {
                Thread.onSpinWait();
            }
        }
        return count;
    }
}
