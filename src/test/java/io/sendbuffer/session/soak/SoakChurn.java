/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A thread that opens sessions and ends them, and interrupts senders. */
final class SoakChurn {
    private static final int AT_ONCE = 6;
    private static final int MAX_PAUSE_MICROS = 8_000;
    private static final int MAX_CLOSE_MILLIS = 60;
    private static final int MAX_LARGE_BUFFER = 120 << 10;

    private final SoakPopulation population;
    private final SoakTally tally;
    private final List<SoakSlot> slots;
    private final List<SoakSender> senders;
    private final SplittableRandom random;

    SoakChurn(SoakPopulation population, List<SoakSlot> slots, List<SoakSender> senders, SplittableRandom random) {
        this.population = population;
        this.tally = population.tally;
        this.slots = slots;
        this.senders = senders;
        this.random = random;
    }

    boolean run() {
        try {
            while (tally.isRunning()) {
                population.gate.pass();
                openOne();
                slots.get(random.nextInt(slots.size())).host().kill(random);
                eatMemory();
                int choice = random.nextInt(100);
                if (choice < 20) {
                    endOne();
                } else if (choice < 24) {
                    senders.get(random.nextInt(senders.size())).interrupt();
                }
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(1 + random.nextInt(MAX_PAUSE_MICROS)));
            }
        } catch (Throwable e) {
            tally.fail(new AssertionError("churn", e));
        }
        return true;
    }

    private void openOne() throws Exception {
        SoakHost host = slots.get(random.nextInt(slots.size())).host();
        if (!host.isClosing() && population.countOf(host) < AT_ONCE) {
            SoakSession session = new SoakSession(population, host, random.split());
            population.add(session);
            if (host.isClosing()) {
                session.expectClose();
            }
            host.open(session, random);
        }
    }

    /** Takes a buffer for which the pool may have to ask the JVM, and at times trims the pool. */
    private void eatMemory() {
        if (random.nextInt(20) == 0) {
            int capacity = 1 + random.nextInt(MAX_LARGE_BUFFER);
            SendBuffer large = population.ask(
                    random.nextBoolean(),
                    () -> population.pool.acquire(capacity),
                    () -> population.pool.tryAcquire(capacity));
            if (large != null) {
                large.release();
            }
        }
        if (random.nextInt(100) == 0) {
            population.pool.trim();
        }
    }

    private void endOne() {
        SoakSession chosen = population.any(random);
        Session session = chosen == null ? null : chosen.session();
        if (chosen == null || session == null) {
            return;
        }
        switch (random.nextInt(5)) {
            case 4 -> chosen.leaveLog();
            case 0 -> chosen.abort(session);
            case 1 -> chosen.close(session, Duration.ofMillis(1 + random.nextInt(MAX_CLOSE_MILLIS)));
            default -> chosen.close(session);
        }
    }
}
