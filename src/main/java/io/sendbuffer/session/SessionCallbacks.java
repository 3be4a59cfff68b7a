/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.locks.ReentrantLock;

/**
 * One callback at a time, and {@code onClosed} last, for sessions that no single thread serves. A thread that reads
 * makes the callbacks of what it read. All others are due until a delivery makes them; if it finds the thread that
 * reads in a callback, it leaves them to that thread, which looks for them when the callback has returned.
 *
 * <p>The callback lock is one that only threads take which make callbacks. No call of a user into this library takes
 * it.
 */
final class SessionCallbacks extends Delivery.Task {
    private final Session session;
    private final Delivery delivery;
    private final Delivery ends;
    private final Ending ending = new Ending();
    private final ReentrantLock callbackLock = new ReentrantLock();

    SessionCallbacks(Session session, SessionRegistry registry) {
        this.session = session;
        this.delivery = registry.delivery();
        this.ends = registry.ends();
    }

    /** Before a callback, on a thread that makes this session's. False: the session ends, there is no callback. */
    boolean begin() {
        callbackLock.lock();
        if (session.isOpen()) {
            return true;
        }
        end();
        return false;
    }

    /** After a callback. */
    void end() {
        callbackLock.unlock();
        run(); // what became due meanwhile was left to us
    }

    /** Something is due. Any thread. */
    void deliverSoon() {
        delivery.deliver(this);
    }

    /** The thread that keeps the time asks for the end: it comes though callbacks keep every delivery busy. */
    void endSoon() {
        ends.deliver(ending);
    }

    private final class Ending extends Delivery.Task {
        @Override
        void run() {
            session.watch.endIfRequested();
        }
    }

    /**
     * Ends the session if its clock is over, whatever its callbacks do. Then makes the callbacks that are due, unless
     * another callback runs: its thread looks again when it has returned.
     */
    @Override
    void run() {
        session.watch.endIfRequested();
        while (session.isDue() && callbackLock.tryLock()) {
            try {
                session.deliverDue();
            } finally {
                callbackLock.unlock();
            }
        }
    }
}
