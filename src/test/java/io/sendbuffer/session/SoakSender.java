package io.sendbuffer.session;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A thread that sends, in bursts: to a group, to some of it, to single sessions. */
final class SoakSender {
    private static final int LONGEST_BURST = 24;
    private static final int LONGEST_BATCH = 12;
    private static final int LONGEST_PAUSE_MICROS = 12_000;
    private static final long PAUSE_OF_FULL_POOL_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

    /** Who broadcasts, for {@link #onRefused}. */
    private static final ThreadLocal<@Nullable SoakSender> CURRENT = new ThreadLocal<>();

    private final int number;
    private final SoakPopulation population;
    private final SoakTally tally;
    private final SessionGroup group;
    private final boolean mayWait;
    private final SplittableRandom random;
    private final Frames.Writer writer;
    private volatile @Nullable Thread thread;

    private final SendBatch batch = new SendBatch();

    // Of one broadcast: of a message, or of the messages from the first one to the writer's last.
    private long first;
    private int asked;
    private int refused;

    SoakSender(int number, SoakPopulation population, SplittableRandom random) {
        this.number = number;
        this.population = population;
        this.tally = population.tally;
        this.mayWait = number % 2 == 1;
        this.group = mayWait ? population.groups.all : population.groups.quick;
        this.random = random;
        this.writer = new Frames.Writer(population.pool, number, random.nextLong());
    }

    /** What is done with one message for one session. */
    interface Offer {
        OfferResult to(SendBuffer message);
    }

    /**
     * Offers a message to a single session, and lets it expect it. On the thread that numbers the sender's messages.
     */
    static void offer(SoakTally tally, SoakSession session, SendBuffer message, int sender, long sequence, Offer how) {
        session.expectation.add(sender, sequence);
        OfferResult result = how.to(message);
        if (result == OfferResult.QUEUED) {
            tally.accepted.increment();
            return;
        }
        session.expectation.takeBack(sender, sequence);
        if (result == OfferResult.REFUSED) {
            tally.refused.increment();
        }
    }

    /** Of both groups, on the thread that broadcasts. */
    static void onRefused(Session session) {
        SoakSender sender = CURRENT.get();
        if (sender == null) {
            throw new AssertionError("refused on another thread than that of the broadcast");
        }
        sender.refused++;
        for (long sequence = sender.writer.lastSequence(); sequence >= sender.first; sequence--) {
            sender.tally.refused.increment();
            of(session).expectation.takeBack(sender.number, sequence);
        }
    }

    /** Its write, if it waits in one, has its channel closed. */
    void interrupt() {
        Thread running = thread;
        if (running != null) {
            tally.interrupts.increment();
            running.interrupt();
        }
    }

    boolean run() {
        thread = Thread.currentThread();
        CURRENT.set(this);
        try {
            while (tally.goesOn()) {
                burst();
                Thread.interrupted();
                population.gate.pass();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(1 + random.nextInt(LONGEST_PAUSE_MICROS)));
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
        for (int i = random.nextInt(3); i >= 0 && tally.goesOn(); i--) {
            fillBatch(1 + random.nextInt(LONGEST_BATCH));
            if (!batch.isEmpty()) {
                batch.seal();
                first = writer.lastSequence() - batch.size() + 1;
                if (random.nextInt(5) == 0) {
                    sendBatchToOne();
                } else {
                    broadcast(batch.size(), () -> group.broadcast(batch, this::isAsked));
                }
                batch.clear();
                population.groups.returned[number].set(writer.lastSequence());
            }
        }
    }

    /** With fewer messages if the pool is full. */
    private void fillBatch(int size) {
        while (batch.size() < size) {
            try (SendBuffer message = writer.tryNext()) {
                if (message == null) {
                    tally.poolFull.increment();
                    return;
                }
                tally.sent.increment();
                batch.add(message.onRelease(tally.released));
            }
        }
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
            return;
        }
        for (long sequence = writer.lastSequence(); sequence >= first; sequence--) {
            chosen.expectation.takeBack(number, sequence);
            if (result == OfferResult.REFUSED) {
                tally.refused.increment();
            }
        }
    }

    private void burstOfMessages() {
        boolean queues = random.nextInt(4) == 0;
        for (int i = random.nextInt(LONGEST_BURST); i >= 0 && tally.goesOn(); i--) {
            try (SendBuffer message = writer.tryNext()) {
                if (message == null) {
                    tally.poolFull.increment();
                    LockSupport.parkNanos(PAUSE_OF_FULL_POOL_NANOS);
                    continue;
                }
                tally.sent.increment();
                first = writer.lastSequence();
                message.onRelease(tally.released);
                if (random.nextInt(5) == 0) {
                    sendToOne(message);
                } else {
                    broadcast(
                            1,
                            () -> queues
                                    ? group.queue(message, this::isAsked)
                                    : group.broadcast(message, this::isAsked));
                }
            }
            population.groups.returned[number].set(writer.lastSequence());
        }
        if (queues) {
            group.flush();
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
            offer(tally, chosen, message, number, writer.lastSequence(), session::queue);
            session.flush();
        } else {
            offer(tally, chosen, message, number, writer.lastSequence(), session::send);
        }
    }

    private void broadcast(int messages, IntSupplier broadcast) {
        asked = 0;
        refused = 0;
        int accepted = broadcast.getAsInt();
        tally.accepted.add((long) accepted * messages);
        tally.require(accepted <= asked - refused, "more accepted a message than were asked");
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
