/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that have no loop to serve them: one thread watches their clocks, others make their callbacks, and they
 * are closed together. The clock's thread never calls the user's code. Any thread may call.
 */
final class SessionRegistry {
    private static final long MAX_NANOS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long MIN_NANOS_BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(4);

    /** A look every fortieth of the write timeout: its begin and its end are each seen late by one look at most. */
    private static final int LOOKS_PER_WRITE_TIMEOUT = 40;

    private static final long DELIVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final SessionSettings settings;
    private final Delivery delivery;

    /** Carries out ends that the clock asks for. It makes no callbacks, which may wait for just such an end. */
    private final Delivery ends;

    private final DeferredErrors errors;

    /** Null where race tests make the deliveries. */
    private final @Nullable SessionClock clock;

    private final ReceiveBuffers receiveBuffers;
    private final String what;

    /** Signaled when a session goes, for a close that waits until there is none: virtual threads may wait, too. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition gone = lock.newCondition();

    private volatile boolean closed;

    /** A delivery waits for the ends, or is about to. One is enough: each of them holds a thread that others need. */
    private final AtomicBoolean closedWithin = new AtomicBoolean();

    /** Why all ended, if no close did. Set before {@link #closed}. */
    private volatile @Nullable Throwable death;

    /**
     * Starts the threads.
     *
     * @param given makes the callbacks instead of threads of this registry, which then has no clock; null but for race
     *     tests, which make thousands of registries
     */
    SessionRegistry(SessionSettings settings, String name, String what, @Nullable Delivery given) {
        this.settings = settings;
        this.what = what;
        this.receiveBuffers = new ReceiveBuffers(
                settings.receiveBufferSize(), settings.resources()::allocateDirect, System::nanoTime);
        this.delivery =
                given != null ? given : new DeliveryThreads(settings.resources().threads(name + "-delivery"), settings);
        Delivery ending = given;
        try {
            ending = given != null
                    ? given
                    : new DeliveryThreads(settings.resources().threads(name + "-ends"), settings);
            this.ends = ending;
            Preloading.ofErrors();
            this.errors = new DeferredErrors(settings, delivery);
            this.clock = given != null ? null : newClock(name + "-clock");
        } catch (Throwable e) { // no more threads
            delivery.close();
            if (ending != null) {
                ending.close();
            }
            throw e;
        }
    }

    private SessionClock newClock(String name) {
        return new SessionClock(
                new Clocks(), delivery, errors, settings.resources().threads(name), nanosBetweenLooks());
    }

    private long nanosBetweenLooks() {
        long timeout = settings.writeTimeout().toNanos();
        long nanos = timeout == 0 ? MAX_NANOS_BETWEEN_LOOKS : timeout / LOOKS_PER_WRITE_TIMEOUT;
        return Math.max(MIN_NANOS_BETWEEN_LOOKS, Math.min(MAX_NANOS_BETWEEN_LOOKS, nanos));
    }

    Delivery delivery() {
        return delivery;
    }

    Delivery ends() {
        return ends;
    }

    ReceiveBuffers receiveBuffers() {
        return receiveBuffers;
    }

    /** Why the threads of these sessions' channels died; null if they did not. */
    @Nullable
    Throwable death() {
        return death;
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException(what + " are closed; use others", death);
        }
    }

    /** Refuses what comes from now on with this cause, and has all ended soon. Any thread; needs no memory. */
    void die(Throwable cause, Delivery.Task end) {
        if (!closed) {
            death = cause;
            closed = true;
        }
        errors.reportSoon(cause);
        ends.deliver(end);
    }

    /**
     * Ends all with the cause of {@link #die}. By a delivery; more than once, where memory is short.
     *
     * @param afterwards what ends with the sessions
     */
    void endAll(Runnable afterwards) {
        for (Session session : sessions) {
            session.watch.endOverdue(death); // each by a thread of its own, if need be, as one may block
        }
        delivery.deliver(taskThatEnds(afterwards));
    }

    /** Reports an error from a thread that must not call the user's code. */
    void reportSoon(Throwable error) {
        errors.reportSoon(error);
    }

    /** From here on nothing new is taken. */
    void requestClose() {
        closed = true;
    }

    /** Has a task delivered after a while. Allocates nothing; never throws. A task that waits is not given again. */
    void deliverLater(Delivery.Task task, long nanos) {
        if (clock != null) {
            clock.deliverLater(task, nanos);
        } else {
            delivery.deliver(task);
        }
    }

    /** Has the clocks of the sessions looked at in time. */
    void checkWithin(long nanos) {
        if (clock != null) {
            clock.checkWithin(nanos);
        }
    }

    boolean isClosed() {
        return closed;
    }

    int size() {
        return sessions.size();
    }

    /** Takes a new session in; if all is closed meanwhile, it is ended at once; if all died, with that cause. */
    void add(Session session) {
        sessions.add(session);
        if (closed) {
            session.end(death);
        }
    }

    void remove(Session session) {
        sessions.remove(session);
        if (closed) {
            lock.lock();
            try {
                gone.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** What the clock does: it looks at every session, and sees to it that deliveries continue. */
    private final class Clocks implements SessionClock.Looks {
        private final long nanosBetweenMends = nanosBetweenLooks();
        private long mendedNanos = System.nanoTime();

        @Override
        public long look() {
            help(); // first: whatever else fails, for want of memory for instance
            long now = System.nanoTime();
            boolean mends = now - mendedNanos >= nanosBetweenMends;
            long nanos = SessionTimeouts.NEVER;
            for (Session session : sessions) {
                nanos = Math.min(nanos, look(session, mends));
            }
            if (mends) {
                mendedNanos = now;
                receiveBuffers.decay();
            }
            return nanos;
        }

        private void help() {
            try {
                delivery.help();
                ends.help();
            } catch (Throwable e) { // no more threads
                errors.reportSoon(e);
            }
        }

        private long look(Session session, boolean mends) {
            try {
                long now = System.nanoTime();
                session.watch.check(now);
                if (mends) {
                    session.watch.mend(); // looks twice before it acts, and the looks are not to be close to each other
                }
                return session.watch.nanosToEndOfSession(now);
            } catch (Throwable e) { // one session's trouble is not that of the others
                errors.reportSoon(e);
                return SessionTimeouts.NEVER;
            }
        }

        @Override
        public boolean isOver() {
            return sessions.isEmpty();
        }
    }

    /**
     * Closes all sessions, waits for as long as a close may take until they have ended, and aborts those that are left.
     * An interrupt cuts the time short. From within the user's code that this library calls, see {@link WithinCall}, it
     * does not wait: the rest is done by another thread, once, however many callbacks close.
     *
     * @param afterwards what ends with the sessions
     */
    void close(Runnable afterwards) {
        closed = true;
        boolean mayWait = !WithinCall.isCallers();
        sessions.forEach(this::close);
        if (mayWait) {
            awaitAndEnd(afterwards);
        } else {
            Delivery.Task task = taskThatEnds(afterwards); // first: there may be no memory for it
            if (closedWithin.compareAndSet(false, true)) {
                delivery.deliver(task);
            }
        }
    }

    private Delivery.Task taskThatEnds(Runnable afterwards) {
        return new Delivery.Task() {
            @Override
            void run() {
                awaitAndEnd(afterwards);
            }
        };
    }

    /**
     * In steps, each of which runs whatever the others throw: threads must not stay because one session's end failed.
     */
    private void awaitAndEnd(Runnable afterwards) {
        try {
            awaitEnds(settings.closeTimeout().toNanos());
            sessions.forEach(this::endLate);
            awaitEnds(DELIVERY_NANOS);
        } finally {
            endThreads(afterwards);
        }
    }

    private void endThreads(Runnable afterwards) {
        try {
            if (clock != null) {
                clock.close();
            }
        } finally {
            try {
                delivery.close();
            } finally {
                try {
                    ends.close();
                } finally {
                    afterwards.run();
                }
            }
        }
    }

    private void endLate(Session session) {
        try {
            Throwable why = death;
            if (why == null) {
                session.watch.endLate();
            } else {
                session.watch.endOverdue(why); // it came after the others were ended
            }
        } catch (Throwable e) { // no memory for its cause, for instance
            settings.report(e);
            session.end(e);
        }
    }

    private void close(Session session) {
        try {
            session.close();
        } catch (Throwable e) { // no more threads, for instance
            settings.report(e);
            session.end(e);
        }
    }

    private void awaitEnds(long maxNanos) {
        lock.lock();
        try {
            long left = maxNanos;
            while (!sessions.isEmpty() && left > 0) {
                left = gone.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
