/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A thread that calls the library may hold a lock that a callback takes: the callback runs on another thread. */
@Timeout(60)
@ParameterizedClass
@EnumSource(StubKind.class)
class SenderLockTest {
    private static final int LENGTH = 64;

    /** The longest wait in a callback that would otherwise deadlock with its own caller. */
    private static final long PATIENCE_MILLIS = 2_000;

    /** The wait in a callback that does deadlock with its own caller, but for this limit. */
    private static final long WAIT_FOR_CALLER_MILLIS = 200;

    private final StubKind kind;
    private final SendBufferPool pool = Pools.create();
    private final HostSettings settings = new HostSettings();
    private final CallbackWatch watch = new CallbackWatch();
    private final SessionGroup group = new SessionGroup();
    private StubHost host;

    SenderLockTest(StubKind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void start() throws IOException {
        host = kind.start(settings, Faults.none());
    }

    @AfterEach
    void close() {
        host.close();
        assertEquals(List.of(), settings.errors);
        watch.requireKept();
    }

    /** The calls in which a session may end. */
    enum Ending {
        SEND,
        SEND_BATCH,
        QUEUE_AND_FLUSH,
        BROADCAST,
        BROADCAST_BATCH,
        QUEUE_AND_FLUSH_GROUP,
        CLOSE,
        ABORT
    }

    private void run(Ending ending, Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 1, LENGTH);
                SendBatch batch = new SendBatch()) {
            batch.add(message).seal();
            switch (ending) {
                case SEND -> session.send(message);
                case SEND_BATCH -> session.send(batch);
                case QUEUE_AND_FLUSH -> {
                    session.queue(message);
                    session.flush();
                }
                case BROADCAST -> group.broadcast(message);
                case BROADCAST_BATCH -> group.broadcast(batch);
                case QUEUE_AND_FLUSH_GROUP -> {
                    group.queue(message);
                    group.flush();
                }
                case CLOSE -> session.close();
                case ABORT -> session.abort();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void shouldLetOnClosedTakeTheLockThatTheSenderHolds(Ending ending) throws Exception {
        ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        AtomicBoolean taken = new AtomicBoolean();
        CallbackWatch.Listener listener = watch.new Listener() {
            @Override
            void ended(Session session) throws Exception {
                taken.set(tryInTurn(lock.writeLock()));
            }
        };
        Session session = failing(listener);

        lock.readLock().lock();
        try {
            watch.call(() -> run(ending, session));
        } finally {
            lock.readLock().unlock();
        }

        Await.until("onClosed was called", listener::isEnded);
        Await.until("the callback returned", () -> host.sessionCount() == 0);
        assertTrue(taken.get(), "the callback ran while its caller held the lock");
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void shouldNotChangeTheListThatTheSenderIterates(Ending ending) throws Exception {
        List<Session> players = new ArrayList<>(); // guarded by itself, as a server would
        List<CallbackWatch.Listener> listeners = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            CallbackWatch.Listener listener = watch.new Listener() {
                @Override
                void ended(Session session) {
                    synchronized (players) {
                        players.remove(session);
                    }
                }
            };
            listeners.add(listener);
            players.add(failing(listener));
        }
        synchronized (players) {
            for (Session player : players) { // a removal on this thread would be noticed here
                watch.call(() -> run(ending, player));
            }
        }
        for (CallbackWatch.Listener listener : listeners) {
            Await.until("onClosed was called", listener::isEnded);
        }
        Await.until("all left the list", () -> {
            synchronized (players) {
                return players.isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void shouldLetTwoSendersHoldEachTheLockOfTheOthersCallback(Ending ending) throws Exception {
        ReentrantLock[] locks = {new ReentrantLock(), new ReentrantLock()};
        CyclicBarrier bothHold = new CyclicBarrier(2);
        AtomicInteger taken = new AtomicInteger();
        Session[] sessions = new Session[2];
        for (int i = 0; i < 2; i++) {
            Lock other = locks[1 - i];
            sessions[i] = failing(watch.new Listener() {
                @Override
                void ended(Session session) throws Exception {
                    if (tryInTurn(other)) {
                        taken.incrementAndGet();
                    }
                }
            });
        }
        Threads.runTogether(2, index -> {
            locks[index].lock();
            try {
                bothHold.await(10, TimeUnit.SECONDS);
                watch.call(() -> run(ending, sessions[index]));
            } finally {
                locks[index].unlock();
            }
        });
        Await.until("both ended", () -> watch.closed.get() == 2 && host.sessionCount() == 0);
        assertEquals(2, taken.get(), "callbacks that got the other's lock");
    }

    @Test
    void shouldLetOnOpenedTakeTheLockThatTheAdderHolds() throws Exception {
        ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        AtomicInteger taken = new AtomicInteger();
        int count = 20;
        for (int i = 0; i < count; i++) {
            CallbackWatch.Listener listener = watch.new Listener() {
                @Override
                void opened(Session session) throws Exception {
                    if (tryInTurn(lock.writeLock())) {
                        taken.incrementAndGet();
                    }
                }
            };
            boolean readsToo = i % 2 == 0;
            lock.readLock().lock();
            try {
                watch.call(() -> {
                    if (readsToo) {
                        host.add(new StubStream(), listener);
                    } else {
                        host.addOutput(new StubStream(), listener);
                    }
                });
            } finally {
                lock.readLock().unlock();
            }
        }
        Await.until("all were opened", () -> watch.opened.get() == count);
        Await.until("each took the lock", () -> taken.get() == count);
    }

    @Test
    void shouldLetOnClosedTakeTheLockThatTheOneThatClosesAllHolds() throws Exception {
        ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        Future<?> closing;
        CallbackWatch.Listener listener = watch.new Listener() {
            @Override
            void ended(Session session) throws Exception {
                tryInTurn(
                        lock.writeLock(),
                        WAIT_FOR_CALLER_MILLIS); // times out, as its caller waits for it; but it is no deadlock
            }
        };
        failing(listener);
        closing = Threads.start(() -> {
            lock.readLock().lock();
            try {
                watch.call(host::close);
            } finally {
                lock.readLock().unlock();
            }
            return true;
        });
        Threads.join(closing);
        Await.until("onClosed was called", listener::isEnded);
    }

    @Test
    void shouldCallNoListenerOnAThreadThatAddsToAClosedHost() throws Exception {
        host.close();
        CallbackWatch.Listener listener = watch.new Listener();
        watch.call(() -> Stream.of(1, 2, 3).forEach(i -> {
            try {
                host.add(new StubStream(), listener);
            } catch (IllegalStateException | IOException e) {
                return; // refused, as it should be
            }
            throw new AssertionError("accepted by a closed host");
        }));
        assertEquals(0, watch.closed.get());
    }

    private Session failing(CallbackWatch.Listener listener) throws Exception {
        StubStream stream = new StubStream();
        int before = watch.opened.get();
        Session session = host.add(stream, listener);
        group.add(session);
        Await.until("it was opened", () -> watch.opened.get() > before);
        stream.failWrites(new IOException("the peer is gone"));
        return session;
    }

    private static boolean tryInTurn(Lock lock) throws InterruptedException {
        return tryInTurn(lock, PATIENCE_MILLIS);
    }

    private static boolean tryInTurn(Lock lock, long millis) throws InterruptedException {
        if (!lock.tryLock(millis, TimeUnit.MILLISECONDS)) {
            return false;
        }
        lock.unlock();
        return true;
    }
}
