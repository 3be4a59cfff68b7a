/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A session that ended before it was opened is notified of its end, and of nothing else. */
@Timeout(30)
class EndBeforeOpenedTest {
    private final HostSettings settings = new HostSettings();
    private final RecordingListener listener = new RecordingListener();

    @AfterEach
    void requireTheEndAlone() throws Exception {
        Await.until("it was notified of its end", listener::isClosed);
        assertEquals(0, listener.opened.get());
        assertNull(listener.cause);
        listener.requireOrder();
        assertEquals(0, settings.errors.size(), settings.errors::toString);
    }

    /** All that was to be delivered before has been. */
    private static void awaitDeliveries(Session session) throws Exception {
        CountDownLatch last = new CountDownLatch(1);
        session.deliver(last::countDown);
        assertTrue(last.await(20, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldNotOpenASessionThatEndedBeforeItsLoopRan(WriteMode mode) throws Exception {
        SendLoop loop = settings.applyTo(SendLoop.builder().writeMode(mode)).build();
        loop.add(new SocketStub(new StubStream()), listener).abort();
        try (LoopRunner runner = loop.start()) {
            Await.until("the loop knows of the end", () -> runner.loop().sessionCount() == 0);
        }
    }

    @Test
    void shouldNotOpenAnAsynchronousSessionThatEndedBefore() throws Exception {
        try (AsyncSessions sessions = settings.applyTo(AsyncSessions.builder()).build()) {
            AsyncSession session = new AsyncSession(sessions, new AsyncStub(new StubStream()), listener);
            sessions.registry.add(session);
            session.abort();
            session.open();
            awaitDeliveries(session);
        }
    }

    @ParameterizedTest
    @CsvSource({"INLINE, true", "INLINE, false", "LOOP, true", "LOOP, false"})
    void shouldNotOpenABlockingSessionThatEndedBefore(WriteMode mode, boolean hasInput) throws Exception {
        var threads = DaemonThreads.named("of-the-session");
        try (BlockingSessions sessions =
                settings.applyTo(BlockingSessions.builder()).build()) {
            SocketStub channel = new SocketStub(new StubStream());
            BlockingSession session =
                    new BlockingSession(sessions, channel, listener, mode == WriteMode.LOOP ? threads : null);
            sessions.registry.add(session);
            session.abort();
            session.open(hasInput ? channel : null, threads);
            awaitDeliveries(session);
        }
    }
}
