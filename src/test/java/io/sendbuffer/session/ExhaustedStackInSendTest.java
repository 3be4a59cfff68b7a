/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.StackSweep;
import io.sendbuffer.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A sender's stack ends within a send, a close or an abort, at each place where it can. The session lives on, or ends
 * as always: notified once, its channel closed, its memory given back.
 */
@Timeout(120)
class ExhaustedStackInSendTest {
    private static final int SWEEPS = 3;

    /** Less than a close waits: no session is left for it to end. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final HostSettings settings = new HostSettings().closeTimeout(CLOSE_TIMEOUT);

    @ParameterizedTest
    @EnumSource(StubKind.class)
    void shouldEndOrKeepASessionWhoseSenderHasNoStackLeft(StubKind kind) {
        sweep(kind, session -> {}, true);
    }

    @ParameterizedTest
    @EnumSource(StubKind.class)
    void shouldEndASessionThatIsClosedWithNoStackLeft(StubKind kind) {
        sweep(kind, Session::close, false);
    }

    @ParameterizedTest
    @EnumSource(StubKind.class)
    void shouldEndASessionThatIsClosedWithAGoodbyeAndNoStackLeft(StubKind kind) {
        SendBufferPool pool = Pools.create();
        SendBuffer last = pool.constant(new byte[] {1});
        sweep(kind, session -> session.close(last), false);
        last.release(last.referenceCount());
    }

    @ParameterizedTest
    @EnumSource(StubKind.class)
    void shouldEndASessionThatIsHalfClosedWithNoStackLeft(StubKind kind) {
        sweep(
                kind,
                session -> {
                    if (session.hasHalves()) {
                        session.shutdownOutput();
                    }
                },
                false);
    }

    @ParameterizedTest
    @EnumSource(StubKind.class)
    void shouldEndASessionThatIsAbortedWithACauseAndNoStackLeft(StubKind kind) {
        sweep(kind, session -> session.abort(new IllegalStateException("expected")), false);
    }

    @ParameterizedTest
    @EnumSource(StubKind.class)
    void shouldEndASessionThatIsAbortedWithNoStackLeft(StubKind kind) {
        sweep(kind, Session::abort, false);
    }

    private void sweep(StubKind kind, Consumer<Session> action, boolean sends) {
        SendBufferPool pool = Pools.create();
        Threads.runTogether(
                SWEEPS,
                i -> { // they wait more than they work
                    SendBuffer message = pool.acquire(8).putLong(i).seal();
                    int overflows = sweep(kind, message, i % 2 == 0, action, sends);
                    int lost = message.referenceCount() - 1;
                    assertTrue(lost <= overflows, () -> lost + " references lost in " + overflows + " overflows");
                    message.release(message.referenceCount());
                });
    }

    private int sweep(StubKind kind, SendBuffer message, boolean wide, Consumer<Session> action, boolean sends)
            throws Exception {
        List<StubStream> streams = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        List<Session> sessions = new ArrayList<>();
        int overflows;
        try (StubHost host = kind.start(settings, Faults.none())) {
            for (int k = 0; k < StackSweep.LEVELS; k++) {
                StubStream stream = new StubStream();
                RecordingListener listener = new RecordingListener();
                streams.add(stream);
                listeners.add(listener);
                sessions.add(host.add(stream, listener));
            }
            Await.until("all are opened", () -> listeners.stream().allMatch(listener -> listener.opened.get() == 1));
            overflows = new StackSweep(level -> {
                        Session session = sessions.get(level);
                        if (sends) {
                            session.send(message);
                        }
                        action.accept(session);
                    })
                    .run(wide);
            long start = System.nanoTime();
            sessions.forEach(Session::close);
            Await.until("all are closed", () -> listeners.stream().allMatch(RecordingListener::isClosed));
            long millis = (System.nanoTime() - start) / 1_000_000;
            assertTrue(millis < CLOSE_TIMEOUT.toMillis() / 2, () -> "it took " + millis + " ms");
        }
        listeners.forEach(RecordingListener::requireOrder);
        assertTrue(streams.stream().allMatch(StubStream::isClosed), "streams");
        return overflows;
    }
}
