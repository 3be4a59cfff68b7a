package io.sendbuffer.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sessions that have no loop to attend to them: one thread watches their clocks, and they are closed together. Any
 * thread may call.
 */
final class SessionRegistry {
    private static final long MILLIS_BETWEEN_LOOKS = 100; // thousands of sessions are looked through

    private static final long TELLING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final SessionSettings settings;
    private final ScheduledThreadPoolExecutor clock;
    private final String what;

    /** Told when a session goes, for who waits until there is none: no monitor, so that a virtual thread may wait. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition gone = lock.newCondition();

    private volatile boolean closed;

    @SuppressWarnings("FutureReturnValueIgnored") // the task reports what it meets
    SessionRegistry(SessionSettings settings, String name, String what) {
        this.settings = settings;
        this.what = what;
        this.clock = new ScheduledThreadPoolExecutor(1, DaemonThreads.named(name + "-clock"));
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        clock.scheduleWithFixedDelay(this::watch, MILLIS_BETWEEN_LOOKS, MILLIS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException(what + " are closed; use others");
        }
    }

    /** From here on nothing new is taken. */
    void requestClose() {
        closed = true;
    }

    /** Runs a task, which must not throw, on the thread of the clock, unless all is closed first. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void later(Runnable task, long millis) {
        try {
            clock.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return; // all is closed
        }
    }

    boolean isClosed() {
        return closed;
    }

    int size() {
        return sessions.size();
    }

    /** Takes a new session in; if all is closed meanwhile, it is ended at once. */
    void add(Session session) {
        sessions.add(session);
        if (closed) {
            session.abort();
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

    private void watch() {
        long now = System.nanoTime();
        for (Session session : sessions) {
            try {
                session.watch(now);
                session.endIfClosedUnderneath();
            } catch (Throwable e) {
                settings.report(e); // thrown on, it would stop the clock
            }
        }
    }

    /**
     * Closes all sessions, waits for as long as a close may take until they have ended, and aborts who is left. An
     * interrupt cuts the time short.
     */
    void close() {
        closed = true;
        sessions.forEach(this::close);
        awaitEnds(settings.closeTimeout().toNanos());
        sessions.forEach(Session::endLate);
        awaitEnds(TELLING_NANOS); // another thread may be about to tell an end
        clock.shutdown();
    }

    private void close(Session session) {
        try {
            session.close();
        } catch (Throwable e) { // no more threads, for instance
            settings.report(e);
            session.end(e);
        }
    }

    private void awaitEnds(long mostNanos) {
        lock.lock();
        try {
            long left = mostNanos;
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
