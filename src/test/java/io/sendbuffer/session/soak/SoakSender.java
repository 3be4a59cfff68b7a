/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A thread that sends in bursts: to a group, to a part of it, to single sessions. */
final class SoakSender {
    private static final int MAX_BURST = 24;
    private static final int MAX_BATCH = 12;
    private static final int MAX_PAUSE_MICROS = 12_000;
    private static final long PAUSE_OF_FULL_POOL_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

    private final int number;
    private final SoakPopulation population;
    private final SoakTally tally;
    private final SessionGroup group;
    private final boolean mayWait;
    private final SplittableRandom random;
    private final Frames.Writer writer;
    private volatile @Nullable Thread thread;

    private final SendBatch batch = new SendBatch();

    // The state of one broadcast: of a message, or of the messages from the first one to the writer's last. The groups
    // report refusals to the sessions.
    private long first;
    private int asked;

    SoakSender(int number, SoakPopulation population, SplittableRandom random) {
        this.number = number;
        this.population = population;
        this.tally = population.tally;
        this.mayWait = number % 2 == 1;
        this.group = mayWait ? population.groups.all : population.groups.quick;
        this.random = random;
        this.writer = new Frames.Writer(population.pool, number, random.nextLong());
    }

    /** How to offer one message to one session. */
    interface Offer {
        OfferResult to(SendBuffer message);
    }

    /**
     * Offers a message to a single session, and lets the session expect it. Called by the thread that numbers the
     * sender's messages.
     */
    static void offer(SoakSession session, SendBuffer message, int sender, long sequence, Offer how) {
        SoakTally tally = session.host.tally;
        SoakAccounts accounts = session.host.population.accounts;
        session.expectation.add(sender, sequence);
        OfferResult result = how.to(message);
        if (result == OfferResult.QUEUED) {
            tally.accepted.increment();
            accounts.offered(1, 1, message.length());
            return;
        }
        session.expectation.takeBack(sender, sequence);
        if (result.isRefused()) {
            tally.refused.increment();
        }
    }

    /** If the thread waits in a write, the interrupt closes the channel. */
    void interrupt() {
        Thread running = thread;
        if (running != null) {
            tally.interrupts.increment();
            running.interrupt();
        }
    }

    boolean run() {
        thread = Thread.currentThread();
        try {
            while (tally.isRunning()) {
                burst();
                Thread.interrupted();
                population.gate.pass();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(1 + random.nextInt(MAX_PAUSE_MICROS)));
            }
            group.flush();
        } catch (Throwable e) {
            tally.fail(new AssertionError("sender " + number, e));
        }
        return true;
    }

    private void burst() {
        if (random.nextInt(3) == 0) {
            burstOfBatches();
        } else {
            burstOfMessages();
        }
    }

    private void burstOfBatches() {
        for (int i = random.nextInt(3); i >= 0 && tally.isRunning(); i--) {
            fillBatch(1 + random.nextInt(MAX_BATCH));
            if (!batch.isEmpty()) {
                batch.seal();
                first = writer.lastSequence() - batch.size() + 1;
                if (random.nextInt(5) == 0) {
                    sendBatchToOne();
                } else {
                    broadcast(batch.size(), batch.bytes(), () -> group.broadcast(batch, this::isAsked));
                }
                batch.clear();
                population.groups.returned[number].set(writer.lastSequence());
            }
        }
    }

    /** Adds fewer messages if the pool is full. */
    private void fillBatch(int size) {
        while (batch.size() < size) {
            try (SendBuffer message = next()) {
                if (message == null) {
                    return;
                }
                tally.sent.increment();
                batch.add(message.onRelease(population.releases));
            }
        }
    }

    private @Nullable SendBuffer next() {
        return population.ask(random.nextInt(4) == 0, writer::next, writer::tryNext);
    }

    private void sendBatchToOne() {
        SoakSession chosen = anyThatMayBeSentTo();
        if (chosen == null) {
            return;
        }
        for (long sequence = first; sequence <= writer.lastSequence(); sequence++) {
            chosen.expectation.add(number, sequence);
        }
        Session session = chosen.session();
        OfferResult result = session == null ? OfferResult.CLOSED : session.send(batch);
        if (result == OfferResult.QUEUED) {
            tally.accepted.add(batch.size());
            population.accounts.offered(batch.size(), batch.size(), batch.bytes());
            return;
        }
        for (long sequence = writer.lastSequence(); sequence >= first; sequence--) {
            chosen.expectation.takeBack(number, sequence);
            if (result.isRefused()) {
                tally.refused.increment();
            }
        }
    }

    private void burstOfMessages() {
        boolean queues = random.nextInt(4) == 0;
        if (queues) {
            population.groups.beginToQueue(number);
        }
        for (int i = random.nextInt(MAX_BURST); i >= 0 && tally.isRunning(); i--) {
            try (SendBuffer message = next()) {
                if (message == null) {
                    LockSupport.parkNanos(PAUSE_OF_FULL_POOL_NANOS);
                    continue;
                }
                tally.sent.increment();
                first = writer.lastSequence();
                message.onRelease(population.releases);
                if (random.nextInt(5) == 0) {
                    sendToOne(message);
                } else {
                    broadcast(
                            1,
                            message.length(),
                            () -> queues
                                    ? group.queue(message, this::isAsked)
                                    : group.broadcast(message, this::isAsked));
                }
            }
            population.groups.returned[number].set(writer.lastSequence());
        }
        if (queues) {
            group.flush();
            population.groups.flushed(number);
        }
    }

    private @Nullable SoakSession anyThatMayBeSentTo() {
        SoakSession chosen = population.any(random);
        return chosen == null || (chosen.host.waits() && !mayWait) ? null : chosen;
    }

    private void sendToOne(SendBuffer message) {
        SoakSession chosen = anyThatMayBeSentTo();
        Session session = chosen == null ? null : chosen.session();
        if (chosen == null || session == null) {
            return;
        }
        if (random.nextInt(3) == 0) {
            offer(chosen, message, number, writer.lastSequence(), session::queue);
            session.flush();
        } else {
            offer(chosen, message, number, writer.lastSequence(), session::send);
        }
    }

    /**
     * A broadcast returns how many sessions accepted it. Refusals are reported later, in one notice for a run of them,
     * so the three numbers are compared when all is over; see {@link SoakAccounts}.
     */
    private void broadcast(int messages, long bytes, IntSupplier broadcast) {
        asked = 0;
        int accepted = broadcast.getAsInt();
        tally.accepted.add((long) accepted * messages);
        population.accounts.offered((long) asked * messages, (long) accepted * messages, accepted * bytes);
        tally.require(accepted <= asked, "more accepted a message than were asked");
    }

    private boolean isAsked(Session session) {
        if (random.nextInt(8) == 0) {
            return false;
        }
        asked++;
        for (long sequence = first; sequence <= writer.lastSequence(); sequence++) {
            of(session).expectation.add(number, sequence);
        }
        return true;
    }

    private static SoakSession of(Session session) {
        return (SoakSession) session.listener();
    }
}
