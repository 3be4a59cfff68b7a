/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * On sessions without a loop, a callback that waits stops only its own session: the clocks and the callbacks of other
 * sessions keep running.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource(
        value = StubKind.class,
        names = {"ASYNC", "BLOCKING_INLINE", "BLOCKING_WRITER"})
class BlockingCallbackTest {
    private static final int LENGTH = 64;
    private static final Duration TIMEOUT = Duration.ofMillis(200);

    /** An end later than this means that a clock did not run. */
    private static final Duration LATE = Duration.ofMillis(1_500);

    /** At most this many callbacks run at the same time. */
    private static final int DELIVERY_THREADS = 64;

    private final StubKind kind;
    private final SendBufferPool pool = Pools.create();
    private final HostSettings settings =
            new HostSettings().writeTimeout(TIMEOUT).closeTimeout(Duration.ofSeconds(3));
    private final CallbackWatch watch = new CallbackWatch();
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<Future<?>> senders = new ArrayList<>();
    private StubHost host;
    private int expectedErrors;

    BlockingCallbackTest(StubKind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void start() throws Exception {
        host = kind.start(settings, Faults.none());
    }

    @AfterEach
    void close() {
        release.countDown();
        host.close();
        senders.forEach(Threads::join);
        watch.requireKept();
        assertEquals(expectedErrors, settings.errors.size(), () -> "errors: " + settings.errors);
    }

    /** The user code in which the session waits. */
    enum Waiting {
        ON_OPENED,
        ON_RECEIVED,
        ON_INPUT_ENDED,
        ON_CLOSED,
        ON_CLOSED_AFTER_A_TIMEOUT,
        /** The listener of a message queued on a session whose write takes too long. */
        RELEASE_LISTENER,
        /** The close of the channel throws after a write took too long. */
        ERROR_HANDLER,
        /** The close after a write took too long. */
        CHANNEL_CLOSE
    }

    @ParameterizedTest
    @EnumSource(Waiting.class)
    void shouldKeepTheClocksAndTheCallbacksOfOthersWhileACallbackWaits(Waiting waiting) throws Exception {
        expectedErrors = waiting == Waiting.ERROR_HANDLER ? 1 : 0;
        startWaiting(waiting);

        long start = System.nanoTime();
        CallbackWatch.Listener stuck = watch.new Listener();
        CallbackWatch.Listener closing = watch.new Listener();
        CallbackWatch.Listener aborted = watch.new Listener();
        sendOn(open(new StubStream().takeNothing(), stuck));
        Session second = open(new StubStream().takeNothing(), closing);
        sendOn(second);
        second.close(TIMEOUT.dividedBy(2));
        open(new StubStream(), aborted).abort();

        Await.until("an abort was notified", aborted::isEnded);
        requireInTime(start);
        Await.until("a close ended in time", closing::isEnded);
        requireInTime(start);
        Await.until("a stuck write ended in time", stuck::isEnded);
        requireInTime(start);
        assertInstanceOf(SocketTimeoutException.class, stuck.cause);
        assertInstanceOf(SocketTimeoutException.class, closing.cause);
        assertNull(aborted.cause);
    }

    private void startWaiting(Waiting waiting) throws Exception {
        AtomicBoolean waits = new AtomicBoolean();
        CallbackWatch.Listener listener = watch.new Listener() {
            @Override
            void opened(Session session) throws Exception {
                waitIn(Waiting.ON_OPENED);
            }

            @Override
            void received(Session session, ByteBuffer bytes) throws Exception {
                waitIn(Waiting.ON_RECEIVED);
            }

            @Override
            boolean inputEnded(Session session) throws Exception {
                waitIn(Waiting.ON_INPUT_ENDED);
                return true;
            }

            @Override
            void ended(Session session) throws Exception {
                waitIn(waiting == Waiting.ON_CLOSED_AFTER_A_TIMEOUT ? waiting : Waiting.ON_CLOSED);
            }

            private void waitIn(Waiting callback) throws Exception {
                if (callback == waiting) {
                    waits.set(true);
                    assertTrue(release.await(30, TimeUnit.SECONDS));
                }
            }
        };
        StubStream stream = new StubStream();
        if (waiting == Waiting.CHANNEL_CLOSE || waiting == Waiting.ERROR_HANDLER) {
            stream.onClose(() -> {
                if (waiting == Waiting.ERROR_HANDLER) {
                    throw new IllegalStateException("of a close, on purpose");
                }
                waitFor(waits);
            });
        }
        settings.onError = error -> waitFor(waits);
        Session session = host.add(stream, listener);
        switch (waiting) {
            case ON_OPENED -> {}
            case ON_RECEIVED -> stream.receive((byte) 1);
            case ON_INPUT_ENDED -> stream.endInput();
            case ON_CLOSED -> session.abort();
            case ON_CLOSED_AFTER_A_TIMEOUT, ERROR_HANDLER, CHANNEL_CLOSE -> {
                stream.takeNothing();
                sendOn(session);
            }
            case RELEASE_LISTENER -> {
                stream.takeNothing();
                sendOn(session); // fills the window, which a waiting write holds
                try (SendBuffer message = NumberedMessages.sealed(pool, 1, LENGTH)) {
                    message.onRelease(unwritten -> waitFor(waits));
                    assertEquals(OfferResult.QUEUED, session.queue(message));
                }
            }
        }
        Await.until("a callback waits", waits::get);
    }

    private void waitFor(AtomicBoolean waits) {
        waits.set(true);
        boolean released = false;
        try {
            released = release.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertTrue(released);
    }

    /** The time allowed covers both the end and its callback. */
    private static void requireInTime(long start) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < LATE.toMillis(), () -> "it took " + millis + " ms");
    }

    /** The end of one session sends to another that is stuck too, as when a server announces which client left. */
    @Test
    void shouldEndAllThatAreStuckThoughTheEndOfOneSendsToTheNext() throws Exception {
        List<CallbackWatch.Listener> listeners = new ArrayList<>();
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int next = (i + 1) % 3;
            CallbackWatch.Listener listener = watch.new Listener() {
                @Override
                void ended(Session session) {
                    send(sessions.get(next));
                }
            };
            listeners.add(listener);
            sessions.add(host.addOutput(new StubStream().takeNothing(), listener));
        }
        Await.until("all are opened", () -> watch.opened.get() == 3);
        long start = System.nanoTime();
        sendOn(sessions.get(0)); // its end sends to the second, whose end sends to the third
        sendOn(sessions.get(2));
        for (int i : new int[] {0, 2, 1}) {
            Await.until("session " + i + " ended", listeners.get(i)::isEnded);
            assertInstanceOf(SocketTimeoutException.class, listeners.get(i).cause);
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 2_500, () -> "it took " + millis + " ms");
    }

    /** More waiting callbacks than there are threads for them: what they wait for may be that very end. */
    @Test
    void shouldEndWhatIsStuckThoughEveryThreadThatDeliversIsInACallback() throws Exception {
        AtomicInteger waiting = new AtomicInteger();
        for (int i = 0; i < 2 * DELIVERY_THREADS; i++) {
            CallbackWatch.Listener waits = watch.new Listener() {
                @Override
                void ended(Session session) throws Exception {
                    waiting.incrementAndGet();
                    assertTrue(release.await(30, TimeUnit.SECONDS));
                }
            };
            open(new StubStream(), waits).abort();
        }
        Await.until("all delivery threads wait", () -> waiting.get() >= DELIVERY_THREADS);

        long start = System.nanoTime();
        CallbackWatch.Listener listener = watch.new Listener();
        Session stuck = host.addOutput(new StubStream().takeNothing(), listener);
        sendOn(stuck);
        Session closing = host.addOutput(new StubStream().takeNothing(), watch.new Listener());
        sendOn(closing);
        closing.close(TIMEOUT.dividedBy(2));

        Await.until("a close ended in time", closing::isClosed);
        Await.until("a stuck write ended in time", stuck::isClosed);
        requireInTime(start);
        release.countDown();
        Await.until("onClosed was called", listener::isEnded);
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
    }

    private Session open(StubStream stream, CallbackWatch.Listener listener) throws Exception {
        return host.add(stream, listener);
    }

    /** The message is queued when this returns, and flushed on a separate thread: some kinds wait for the peer. */
    private void sendOn(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 1, LENGTH)) {
            assertEquals(OfferResult.QUEUED, session.queue(message));
        }
        senders.add(Threads.start(() -> {
            session.flush();
            return true;
        }));
    }

    private void send(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 1, LENGTH)) {
            session.send(message);
        }
    }
}
