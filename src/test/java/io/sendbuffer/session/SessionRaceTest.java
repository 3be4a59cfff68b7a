/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The race of a loop that serves a session with another thread that is just ending it, many times over. */
@Timeout(60)
class SessionRaceTest {
    private static final int ROUNDS = 2000;

    private final IOException cause = new IOException("the one cause");
    private final CyclicBarrier start = new CyclicBarrier(2);
    private volatile @Nullable Session current;

    /** The loop serves it for another reason, a flush, and must not notify of an end that is not complete. */
    @Test
    void shouldNotifyOfTheEndWithItsCauseAndWithEverythingClosed() throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(WriteMode.LOOP);
                SendBuffer message = NumberedMessages.sealed(Pools.create(), 0, 100)) {
            Future<Boolean> ender = Threads.start(this::endEach);
            for (int round = 0; round < ROUNDS; round++) {
                try (Loopback connection = Loopback.open()) {
                    meet(loop, connection, message, "round " + round);
                }
            }
            Threads.join(ender);
        }
    }

    private void meet(HandDrivenLoop loop, Loopback connection, SendBuffer message, String round) throws Exception {
        ProbingListener listener = new ProbingListener(connection.ours, message);
        Session session = loop.open(connection, listener);
        current = session;

        start.await(20, TimeUnit.SECONDS);
        Await.until("the session was closed", listener::isClosed, () -> {
            session.flush(); // puts it on the list, even in the middle of its end
            loop.dutyCycle();
        });
        start.await(20, TimeUnit.SECONDS);

        assertSame(cause, listener.cause, "the cause was not there yet in " + round);
        assertEquals(OfferResult.CLOSED, listener.offer, "the queue was not closed in " + round);
        assertFalse(listener.channelWasOpen, "the channel was not closed in " + round);
        listener.requireOrder();
    }

    private boolean endEach() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            start.await(20, TimeUnit.SECONDS);
            Session session = current;
            if (session != null) {
                session.end(cause);
            }
            start.await(20, TimeUnit.SECONDS);
        }
        return true;
    }

    /** Inspects the session when it is notified of the end. */
    private static final class ProbingListener extends RecordingListener {
        private final SocketChannel channel;
        private final SendBuffer message;
        volatile @Nullable OfferResult offer;
        volatile boolean channelWasOpen;

        ProbingListener(SocketChannel channel, SendBuffer message) {
            this.channel = channel;
            this.message = message;
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            offer = session.queue(message);
            channelWasOpen = channel.isOpen();
            super.onClosed(session, cause);
        }
    }
}
