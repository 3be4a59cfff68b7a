/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * User code that a write or an end calls closes all sessions: that close does not wait for what only its own thread can
 * do.
 */
@Timeout(30)
class CloseFromListenerTest {
    private static final int LENGTH = 64;

    /** A close that waits for itself takes at least this long. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private static final long AT_ONCE_MILLIS = 1_000;

    private final SendBufferPool pool = Pools.create();
    private final HostSettings settings = new HostSettings().closeTimeout(CLOSE_TIMEOUT);
    private final AtomicLong closeMillis = new AtomicLong(-1);

    /** The user code that closes all sessions. */
    enum Where {
        RELEASE_LISTENER_OF_AN_END,
        RELEASE_LISTENER_OF_A_WRITE,
        ERROR_HANDLER,
        CHANNEL_CLOSE
    }

    @ParameterizedTest
    @CsvSource({
        "ASYNC, RELEASE_LISTENER_OF_AN_END",
        "ASYNC, RELEASE_LISTENER_OF_A_WRITE",
        "ASYNC, ERROR_HANDLER",
        "ASYNC, CHANNEL_CLOSE",
        "BLOCKING_INLINE, RELEASE_LISTENER_OF_AN_END",
        "BLOCKING_INLINE, RELEASE_LISTENER_OF_A_WRITE",
        "BLOCKING_INLINE, ERROR_HANDLER",
        "BLOCKING_INLINE, CHANNEL_CLOSE",
        "BLOCKING_WRITER, RELEASE_LISTENER_OF_AN_END",
        "BLOCKING_WRITER, RELEASE_LISTENER_OF_A_WRITE",
        "BLOCKING_WRITER, ERROR_HANDLER",
        "BLOCKING_WRITER, CHANNEL_CLOSE"
    })
    void shouldCloseAllWithoutWaitingForItself(StubKind kind, Where where) throws Exception {
        StubHost host = kind.start(settings, Faults.none());
        RecordingListener listener = new RecordingListener();
        RecordingListener other = new RecordingListener();
        StubStream stream = new StubStream();
        Session session = host.add(stream, listener);
        host.add(new StubStream(), other);
        Await.until("both were opened", () -> listener.opened.get() + other.opened.get() == 2);
        settings.onError = error -> closeAll(host);
        if (where == Where.CHANNEL_CLOSE) {
            stream.onClose(() -> closeAll(host));
        } else if (where == Where.ERROR_HANDLER) {
            stream.onClose(() -> {
                throw new IllegalStateException("of a close, on purpose");
            });
        }
        try (SendBuffer message = NumberedMessages.sealed(pool, 1, LENGTH)) {
            if (where != Where.CHANNEL_CLOSE && where != Where.ERROR_HANDLER) {
                message.onRelease(unwritten -> closeAll(host));
            }
            assertEquals(OfferResult.QUEUED, session.queue(message));
        }
        if (where == Where.RELEASE_LISTENER_OF_A_WRITE) {
            session.flush();
        } else {
            session.abort();
        }
        Await.until("the close returned", () -> closeMillis.get() >= 0);
        assertTrue(closeMillis.get() < AT_ONCE_MILLIS, () -> "it took " + closeMillis + " ms");
        Await.until("both were notified", () -> listener.isClosed() && other.isClosed());
        Await.until("no session is kept", () -> host.sessionCount() == 0);
        long start = System.nanoTime();
        host.close();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < AT_ONCE_MILLIS, () -> "another close took " + millis + " ms");
        assertEquals(where == Where.ERROR_HANDLER ? 1 : 0, settings.errors.size(), settings.errors::toString);
    }

    private void closeAll(StubHost host) {
        long start = System.nanoTime();
        host.close();
        closeMillis.compareAndSet(-1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
}
