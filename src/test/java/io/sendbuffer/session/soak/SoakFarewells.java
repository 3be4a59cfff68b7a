/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Session;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What callbacks broadcast: from onClosed, for instance, that a session has left. Under an application lock, as a real
 * application would; not a monitor, as virtual threads run callbacks too.
 */
final class SoakFarewells {
    private final ReentrantLock lock = new ReentrantLock();
    private final SoakPopulation population;

    // Guarded by the lock.
    private final Frames.Writer writer;
    private int asked;

    SoakFarewells(SoakPopulation population, long seed) {
        this.population = population;
        this.writer = new Frames.Writer(population.pool, SoakGroups.FAREWELLS, seed);
    }

    /** Broadcasts a message to the sessions whose senders never wait, if the pool has room for it. */
    void broadcast() {
        lock.lock();
        try (SendBuffer message = population.ask(false, writer::next, writer::tryNext)) {
            if (message == null) {
                return;
            }
            population.tally.sent.increment();
            message.onRelease(population.releases);
            asked = 0;
            int accepted = population.groups.quick.broadcast(message, this::isAsked);
            population.tally.accepted.add(accepted);
            population.accounts.offered(asked, accepted, (long) accepted * message.length());
            population.tally.require(accepted <= asked, "more accepted a farewell than were asked");
            population.groups.returned[SoakGroups.FAREWELLS].set(writer.lastSequence());
        } finally {
            lock.unlock();
        }
    }

    private boolean isAsked(Session session) {
        asked++;
        ((SoakSession) session.listener()).expectation.add(SoakGroups.FAREWELLS, writer.lastSequence());
        return true;
    }
}
