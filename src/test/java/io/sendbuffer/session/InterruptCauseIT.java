/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An interrupt of a write closes the channel under the reader, which must not report its own error as the cause. */
@Timeout(60)
class InterruptCauseIT {
    private static final int BACKLOG = 4_000;
    private static final int LENGTH = 1000;
    private static final long LONG_ENOUGH_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final SendBufferPool pool = Pools.create();
    private final RecordingListener listener = new RecordingListener();
    private final AtomicBoolean slow = new AtomicBoolean(true);

    @Test
    void shouldReportTheInterruptThoughTheReaderIsFaster() throws Exception {
        try (KindHost host = SessionKind.BLOCKING_INLINE.start(new HostSettings())) {
            Session session = host.add(host.wire(), listener);
            Await.until("the session opened", () -> listener.opened.get() == 1);
            queueBacklog(session);
            Thread sender = new Thread(session::flush, "test");
            sender.start();
            Await.until("its write ended", listener::isClosed, sender::interrupt);
            sender.join();
        }
        assertInstanceOf(ClosedByInterruptException.class, listener.cause);
    }

    /** Queues more than the kernel takes from a session whose peer does not read. */
    private void queueBacklog(Session session) {
        for (int number = 0; number < BACKLOG; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                session.queue(message.onRelease(this::beSlowAfterAFailure));
            }
        }
    }

    /**
     * Runs within the end of the queue, before the end of the session: the reader has plenty of time to report another
     * cause.
     */
    private void beSlowAfterAFailure(int unwritten) {
        long start = System.nanoTime();
        while (unwritten > 0 && slow.get() && !listener.isClosed()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            slow.set(System.nanoTime() - start < LONG_ENOUGH_NANOS);
        }
    }
}
