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
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of sessions end together, and their last callbacks call into the library: each is notified once. */
@Timeout(60)
@ParameterizedClass
@EnumSource(StubKind.class)
class ManyEndsTest {
    private static final int LENGTH = 64;

    private final StubKind kind;
    private final SendBufferPool pool = Pools.create();
    private final HostSettings settings = new HostSettings().closeTimeout(Duration.ofSeconds(3));
    private final CallbackWatch watch = new CallbackWatch();
    private final SessionGroup group = new SessionGroup();
    private final List<Session> sessions = new ArrayList<>();
    private final List<CallbackWatch.Listener> listeners = new ArrayList<>();
    private final List<StubStream> streams = new ArrayList<>();
    private StubHost host;

    ManyEndsTest(StubKind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void start() throws IOException {
        host = kind.start(settings, Faults.none());
    }

    @AfterEach
    void close() {
        host.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {5_000, 10_000})
    void shouldNotifyEachOnceWhenABroadcastEndsThemAndEachEndBroadcasts(int count) throws Exception {
        addAll(count, (session, number) -> broadcast(number));
        streams.forEach(stream -> stream.failWrites(new IOException("the peer is gone")));
        watch.call(() -> broadcast(-1));
        requireAllEnded();
        for (CallbackWatch.Listener listener : listeners) {
            assertTrue(listener.cause instanceof IOException, () -> "cause: " + listener.cause);
        }
    }

    @Test
    void shouldNotifyEachOnceWhenABatchEndsThemAndEachEndSendsABatch() throws Exception {
        addAll(2_000, (session, number) -> broadcastBatch(number));
        streams.forEach(stream -> stream.failWrites(new IOException("the peer is gone")));
        watch.call(() -> broadcastBatch(-1));
        requireAllEnded();
    }

    @Test
    void shouldNotifyEachOnceWhenAFlushOfTheGroupEndsThem() throws Exception {
        addAll(2_000, (session, number) -> {
            queue(number);
            group.flush();
        });
        streams.forEach(stream -> stream.failWrites(new IOException("the peer is gone")));
        watch.call(() -> {
            queue(-1);
            group.flush();
        });
        requireAllEnded();
    }

    @Test
    void shouldNotifyEachOnceWhenEachEndAbortsTheNext() throws Exception {
        int count = 5_000;
        addAll(
                count,
                (session, number) ->
                        sessions.get((number + 1) % sessions.size()).abort());
        watch.call(() -> sessions.get(0).abort());
        requireAllEnded();
    }

    @Test
    void shouldNotifyEachOnceWhenEachEndClosesTheNext() throws Exception {
        addAll(
                2_000,
                (session, number) ->
                        sessions.get((number + 1) % sessions.size()).close());
        watch.call(() -> sessions.get(0).close());
        requireAllEnded();
    }

    @Test
    void shouldNotifyEachOnceWhenEachEndSendsToTheNextWhichFails() throws Exception {
        addAll(5_000, (session, number) -> send(sessions.get((number + 1) % sessions.size()), number));
        streams.forEach(stream -> stream.resetAtTheNextWrite(new IOException("the peer is gone")));
        watch.call(() -> send(sessions.get(0), 0));
        requireAllEnded();
    }

    @Test
    void shouldNotifyEachOnceWhenEachEndAddsASessionThatFails() throws Exception {
        int count = 1_000;
        AtomicInteger added = new AtomicInteger();
        ConcurrentLinkedQueue<CallbackWatch.Listener> later = new ConcurrentLinkedQueue<>();
        CallbackWatch.Listener first = adding(count, added, later);
        later.add(first);
        watch.call(() -> send(host.addOutput(failing(), first), 0));
        Await.until("the last was notified", () -> watch.closed.get() >= count);
        Await.until("no session is kept", () -> host.sessionCount() == 0);
        assertEquals(count, watch.closed.get());
        watch.requireKept();
    }

    private CallbackWatch.Listener adding(
            int count, AtomicInteger added, ConcurrentLinkedQueue<CallbackWatch.Listener> later) {
        return watch.new Listener() {
            @Override
            void ended(Session session) throws Exception {
                if (added.incrementAndGet() < count) {
                    CallbackWatch.Listener next = adding(count, added, later);
                    later.add(next);
                    send(host.addOutput(failing(), next), 0);
                }
            }
        };
    }

    private static StubStream failing() {
        return new StubStream().resetAtTheNextWrite(new IOException("the peer is gone"));
    }

    @Test
    void shouldNotifyEachOnceWhenAllIsClosedAndEachEndBroadcasts() throws Exception {
        addAll(2_000, (session, number) -> broadcast(number));
        watch.call(host::close);
        requireAllEnded();
    }

    private void addAll(int wanted, BiConsumer<Session, Integer> onClosed) throws Exception {
        int count = kind.affordable(wanted);
        for (int i = 0; i < count; i++) {
            int number = i;
            CallbackWatch.Listener listener = watch.new Listener() {
                @Override
                void ended(Session session) {
                    onClosed.accept(session, number);
                }
            };
            StubStream stream = new StubStream();
            Session session = host.addOutput(stream, listener);
            streams.add(stream);
            listeners.add(listener);
            sessions.add(session);
            group.add(session);
        }
        Await.until("all are opened", () -> watch.opened.get() == count);
    }

    private void requireAllEnded() throws Exception {
        Await.until("all were notified", () -> watch.closed.get() >= sessions.size());
        Await.until("no session is kept", () -> host.sessionCount() == 0);
        watch.requireKept();
        assertEquals(1, watch.deepest.get(), "callbacks within callbacks");
        assertEquals(sessions.size(), watch.closed.get());
        assertEquals(0, group.size(), "members that ended");
        Await.until("nothing is outstanding", () -> pool.stats().outstandingBuffers() == 0);
        assertEquals(List.of(), settings.errors);
    }

    private void broadcast(int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            group.broadcast(message);
        }
    }

    private void broadcastBatch(int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH);
                SendBatch batch = new SendBatch()) {
            group.broadcast(batch.add(message).seal());
        }
    }

    private void queue(int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            group.queue(message);
        }
    }

    private void send(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            session.send(message);
        }
    }
}
