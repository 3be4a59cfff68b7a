/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SoakMemory;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.SessionKind;
import io.sendbuffer.session.Wiring;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * All kinds of session together, for {@code -Dsoak.seconds} seconds: peers that read fast, slowly or not at all, that
 * leave and reset, sessions that any thread closes and aborts, a pool that is full at times, senders that are
 * interrupted, and every {@link SoakFault}: the code that the library calls throws Errors, memory is refused, loops
 * die, callbacks broadcast and close what they run in. Sessions on loops subscribe to logs with every policy, and fall
 * behind. Every byte that arrives is checked, and every end; when the time is over, nothing is outstanding, and each
 * fault has occurred.
 */
class SoakIT {
    private static final int SECONDS = Integer.getInteger("soak.seconds", 20);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** For faults that did not occur in time, on a machine that is busy with other things. */
    private static final double MAX_OVERTIME_SECONDS = 40;

    private static final double SECONDS_BETWEEN_LULLS = 1.5;
    private static final long NANOS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int CHURNS = 2;
    private static final int PUBLISHERS = 2;
    private static final int CHUNK = 16 << 10;
    private static final int CHUNKS = 48;
    private static final int FLOOR = 4 * CHUNK;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SoakTally tally = new SoakTally();
    private final SoakFaults faults = new SoakFaults(tally, random.split());
    private final AtomicLong allocatedBytes = new AtomicLong();
    private final SendBufferPool pool = Pools.track(SoakMemory.refusing(
                    SendBufferPool.builder()
                            .chunkSize(CHUNK)
                            .maxMemory((long) CHUNKS * CHUNK)
                            .idleFloor(FLOOR)
                            .errorHandler(SoakErrors.ofPool(tally, faults)),
                    () -> faults.now(SoakFault.ALLOCATION_REFUSED),
                    () -> faults.now(SoakFault.JVM_LIMIT_REACHED),
                    allocatedBytes)
            .build());
    private final SoakPopulation population = new SoakPopulation(tally, faults, pool, random.split());
    private final SoakPeers peers = new SoakPeers(tally);
    private final List<SoakSlot> slots = new ArrayList<>();
    private final List<SoakSender> senders = new ArrayList<>();
    private final List<Future<Boolean>> running = new ArrayList<>();
    private boolean hostsAreClosed;

    @Test
    void shouldLoseNothingAndLeaveNothingOutstandingWhateverHappens() {
        Set<Thread> before = new HashSet<>(threadsOfTheLibrary());
        print("starts: " + SECONDS + " s" + TestSeed.hint(seed));
        assertTimeoutPreemptively(Duration.ofSeconds(SECONDS).plus(PATIENCE), () -> {
            try {
                startHosts();
                startThreads();
                awaitTheEnd();
                endInOrder();
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + hint(), e);
            } finally {
                tally.stop();
                peers.calmDown();
                closeHosts();
                peers.close();
                population.logs.close();
            }
            requireNothingIsLeft(before);
        });
    }

    private void startHosts() throws IOException {
        for (SessionKind kind : SessionKind.values()) {
            if (kind.isSupported() && kind.wiring != Wiring.TLS) { // the peers have no TLS
                slots.add(new SoakSlot(() -> SoakKindHost.of(kind, population, peers)));
            }
        }
        for (WriteMode mode : WriteMode.values()) {
            slots.add(new SoakSlot(() -> SoakKindHost.dying(mode, population, peers)));
        }
        for (SoakBlockingHost.Output output : SoakBlockingHost.Output.values()) {
            slots.add(new SoakSlot(() -> new SoakBlockingHost(output, population, peers)));
        }
    }

    private void startThreads() {
        peers.start();
        for (int i = 0; i < SoakGroups.SENDERS; i++) {
            SoakSender sender = new SoakSender(i, population, random.split());
            senders.add(sender);
        }
        for (int i = 0; i < CHURNS; i++) {
            SoakChurn churn = new SoakChurn(population, slots, senders, random.split());
            running.add(Threads.start(churn::run));
        }
        for (int i = 0; i < PUBLISHERS; i++) {
            SoakPublisher publisher = new SoakPublisher(population, random.split());
            running.add(Threads.start(publisher::run));
        }
        senders.forEach(sender -> running.add(Threads.start(sender::run)));
    }

    /**
     * Runs with occasional lulls, and at least until every kind took part, on a machine that is busy with other things.
     */
    private void awaitTheEnd() throws Exception {
        double line = 0;
        double lull = SECONDS_BETWEEN_LULLS;
        Await.until("every kind took part", this::isEveryKindAtWork, () -> {
            LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
            tend();
        });
        double start = tally.seconds();
        while (tally.isRunning() && isToContinue(tally.seconds() - start)) {
            LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
            tend();
            double now = tally.seconds() - start;
            if (now >= line) {
                line = now + Math.max(1, Math.min(10, SECONDS / 60));
                print(tally + "; " + population.kindsAlive() + " of " + slots.size() + " kinds alive");
            }
            if (now >= lull) {
                rest();
                lull = tally.seconds() - start + SECONDS_BETWEEN_LULLS;
            }
        }
    }

    private void tend() throws IOException {
        for (SoakSlot slot : slots) {
            slot.renew(population);
        }
        population.accounts.settle();
    }

    private boolean isToContinue(double seconds) {
        return seconds < SECONDS
                || (seconds < SECONDS + MAX_OVERTIME_SECONDS
                        && !faults.missing().isEmpty());
    }

    private boolean isEveryKindAtWork() {
        tally.requireHealthy();
        return slots.stream()
                .allMatch(slot -> tally.receivedFrom(slot.host().name()).sum() > 0);
    }

    /** No thread sends, every peer reads: what is queued has to arrive without another message that pushes it. */
    private void rest() throws Exception {
        population.gate.shut();
        peers.calmDown();
        Await.until("all load threads rest", () -> {
            tally.requireHealthy();
            return population.gate.waiting() == running.size();
        });
        try {
            Await.until(
                    "everything was written in a lull",
                    () -> withSomethingQueued().isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + withSomethingQueued(), e);
        }
        peers.stirUp();
        population.gate.open();
    }

    /** All senders stop, and all peers read: what is queued has to arrive. */
    private void endInOrder() throws Exception {
        tally.stop();
        peers.calmDown();
        running.forEach(Threads::join);
        population.groups.all.flush();
        tally.requireHealthy();
        closeHosts();
        Await.until("every stream ended", () -> population.living().isEmpty());
        tally.requireHealthy();
    }

    private List<SoakSession> withSomethingQueued() {
        tally.requireHealthy();
        return population.living().stream()
                .filter(SoakSession::hasSomethingQueued)
                .toList();
    }

    private void closeHosts() throws IOException {
        if (hostsAreClosed) {
            return;
        }
        hostsAreClosed = true;
        for (SoakSlot slot : slots) {
            double start = tally.seconds();
            slot.closeAll();
            assertTrue(tally.seconds() - start < SoakHost.CLOSE_TIMEOUT.toSeconds() + 10, slot.host() + " closed late");
        }
    }

    private void requireNothingIsLeft(Set<Thread> before) throws Exception {
        print("ends: " + tally + "; causes " + tally.causes() + ", " + tally.released.unwritten() + " unwritten; "
                + tally.shed + " shed, " + tally.shedTooLate + " of them too late, " + tally.shedStarved + " starved; "
                + allocatedBytes.get() / CHUNK + " chunks allocated");
        print(faults.toString());
        print("logs: " + population.logs);
        for (SoakSlot slot : slots) {
            slot.requireNothingIsLeft(tally);
        }
        assertEquals(0, population.groups.all.size(), hint());
        assertEquals(0, population.groups.quick.size(), hint());
        assertEquals(tally.opened.sum(), tally.ended.sum(), hint());
        population.accounts.requireBalance(hint());
        population.logs.requireNothingIsRetained();
        Await.until("every message was released", () -> tally.released.released() == tally.sent.sum());
        Await.until("the library's threads ended", () -> before.containsAll(threadsOfTheLibrary()));
        tally.requireHealthy();
        tally.requireThatShedWereSlow();
        tally.requireThatPeersWereSlow();
        assertEquals(List.of(), faults.missing(), "faults that never occurred" + hint());
    }

    private static List<Thread> threadsOfTheLibrary() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(async-sessions|blocking-sessions|send-loop|test).*"))
                .toList();
    }

    private void print(String line) {
        System.out.printf(Locale.ROOT, "soak %s%n", line);
    }

    private String hint() {
        return TestSeed.hint(seed);
    }
}
