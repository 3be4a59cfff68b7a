/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.ReleaseListener;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A session ends in steps, and each step runs whatever another one throws: the session is notified once, and gone. */
@Timeout(30)
class ErrorWhileEndingTest {
    private static final int LENGTH = 100;

    private final HostSettings settings = new HostSettings().closeTimeout(Duration.ofMillis(500));
    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().errorHandler(settings.errors::add).build());

    static Stream<Arguments> kindsAndErrors() {
        return Stream.of(StubKind.values())
                .flatMap(kind -> Faults.UNCHECKED.stream().map(thrown -> Arguments.of(kind, thrown)));
    }

    @ParameterizedTest
    @MethodSource("kindsAndErrors")
    void shouldNotifyOnceWhenTheCloseOfTheChannelThrows(StubKind kind, Faults.Thrown thrown) throws Exception {
        requireGone(kind, Faults.at(Faults.Edge.CLOSE, 1, thrown.get()), message -> {});
    }

    @ParameterizedTest
    @MethodSource("kindsAndErrors")
    void shouldNotifyOnceWhenAReleaseListenerThrows(StubKind kind, Faults.Thrown thrown) throws Exception {
        Throwable failure = thrown.get();
        ReleaseListener throwing = unwritten -> {
            throw Faults.<RuntimeException>sneaky(failure);
        };
        requireGone(kind, Faults.none(), message -> message.onRelease(throwing));
    }

    static Stream<Arguments> kindsAndErrorsOfTheJvm() {
        return kindsAndErrors().filter(arguments -> ((Faults.Thrown) arguments.get()[1]).get() instanceof Error);
    }

    @ParameterizedTest
    @MethodSource("kindsAndErrorsOfTheJvm")
    void shouldLiveAndEndWhenItsChannelThrowsAnErrorInsteadOfItsPeer(StubKind kind, Faults.Thrown thrown)
            throws Exception {
        int number =
                kind == StubKind.ASYNC ? 2 : 1; // the add asks an asynchronous channel first, and its caller gets it
        Throwable fault = thrown.get();
        Faults faults = Faults.at(Faults.Edge.PEER, number, fault);
        RecordingListener listener = new RecordingListener();
        StubStream stream = new StubStream(faults);
        try (StubHost host = kind.start(settings, faults)) {
            Session session = host.add(stream, listener);
            Await.until("it was opened", () -> listener.opened.get() == 1);
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
                assertEquals(OfferResult.QUEUED, session.send(message));
            }
            Await.until("it is written", () -> stream.taken() == LENGTH);
            session.close();
            Await.until("it ended", listener::isClosed);
            assertNull(listener.cause);
            assertEquals(1, listener.closed.get());
        }
        assertTrue(faults.wasThrown());
        assertEquals(List.of(fault), settings.errors);
    }

    @ParameterizedTest
    @MethodSource("kindsAndErrors")
    void shouldBeGoneWhenItsLastCallbackThrows(StubKind kind, Faults.Thrown thrown) throws Exception {
        requireGone(kind, Faults.at(Faults.Edge.ON_CLOSED, 1, thrown.get()), message -> {});
    }

    @ParameterizedTest
    @MethodSource("kindsAndErrors")
    void shouldBeGoneWhenItsLastCallbackAndTheErrorHandlerThrow(StubKind kind, Faults.Thrown thrown) throws Exception {
        Faults faults = Faults.at(Faults.Edge.ERROR_HANDLER, 1, thrown.get());
        requireGone(kind, faults, message -> {}, new IllegalStateException("the callback's, on purpose"));
    }

    private interface Preparation {
        void prepare(SendBuffer message);
    }

    private void requireGone(StubKind kind, Faults faults, Preparation preparation) throws Exception {
        requireGone(kind, faults, preparation, null);
    }

    /** One session with a backlog fails, another is aborted, a third stays until the host closes. */
    private void requireGone(
            StubKind kind, Faults faults, Preparation preparation, @Nullable RuntimeException ofCallback)
            throws Exception {
        StubHost host = kind.start(settings, faults);
        AtomicInteger notified = new AtomicInteger();
        SessionGroup group = new SessionGroup();
        StubStream[] streams = {new StubStream(faults), new StubStream(faults), new StubStream(faults)};
        Session[] sessions = new Session[3];
        RecordingListener[] listeners = new RecordingListener[3];
        for (int i = 0; i < 3; i++) {
            listeners[i] = new RecordingListener() {
                @Override
                public void onClosed(Session session, @Nullable Throwable cause) {
                    super.onClosed(session, cause);
                    notified.incrementAndGet();
                    faults.hit(Faults.Edge.ON_CLOSED);
                    if (ofCallback != null) {
                        throw ofCallback;
                    }
                }
            };
            sessions[i] = host.add(streams[i], listeners[i]);
            group.add(sessions[i]);
        }
        for (RecordingListener listener : listeners) {
            Await.until("it was opened", () -> listener.opened.get() == 1);
        }
        IOException failure = new IOException("the peer is gone");
        streams[0].failWrites(failure);
        for (int i = 0; i < 2; i++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, i, LENGTH)) {
                preparation.prepare(message);
                assertEquals(OfferResult.QUEUED, sessions[i].queue(message));
            }
        }
        attempt(() -> sessions[0].flush());
        attempt(() -> sessions[1].abort());
        Await.until("two were notified", () -> notified.get() == 2);
        Await.until("two are gone", () -> host.sessionCount() == 1 && group.size() == 1);
        assertSame(failure, listeners[0].cause);
        long start = System.nanoTime();
        attempt(host::close);
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(3), "the close of the host waited");
        assertEquals(0, host.sessionCount());
        assertEquals(0, group.size());
        for (RecordingListener listener : listeners) {
            assertEquals(1, listener.closed.get());
            listener.requireOrder();
        }
        List<Throwable> errors = settings.errors;
        assertTrue(!errors.isEmpty(), "what was thrown is reported");
    }

    /**
     * What a step of an end throws is reported, not thrown to the caller that ended the session; such a throw would
     * fail here.
     */
    private static void attempt(Runnable call) throws Exception {
        Threads.start(() -> {
                    call.run();
                    return true;
                })
                .get(10, TimeUnit.SECONDS);
    }
}
