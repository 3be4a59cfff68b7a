/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One session, used by several threads at once. */
@Timeout(60)
class SessionThreadsTest {
    private static final int SENDERS = 3;
    private static final int LENGTH = 100;

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldReleaseEverythingWhenItIsClosedWhileOthersSend(WriteMode mode) throws Exception {
        SendBufferPool pool = Pools.create();
        try (HandDrivenLoop loop = new HandDrivenLoop(mode)) {
            for (int round = 0; round < 300; round++) {
                RecordingListener listener = new RecordingListener();
                try (Loopback connection = Loopback.withSmallBuffers()) {
                    Session session = loop.open(connection, listener);
                    Threads.runTogether(SENDERS + 1, index -> {
                        if (index < SENDERS) {
                            sendUntilClosed(session, pool);
                        } else {
                            loop.dutyCycle();
                            session.abort();
                        }
                    });
                    loop.dutyCyclesUntil("the session was closed", listener::isClosed);
                }
                assertEquals(1, listener.closed.get());
                assertNull(listener.cause);
                assertEquals(0, pool.stats().outstandingBuffers(), "round " + round);
                listener.requireOrder();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldKeepTheOrderOfEachThreadWhenSeveralSend(WriteMode mode) throws Exception {
        int messages = 2000;
        SendBufferPool pool = Pools.create();
        SendLoop loop = SendLoop.builder().writeMode(mode).build();
        try (var runner = loop.start();
                Loopback connection = Loopback.withSmallBuffers()) {
            Session session = loop.add(connection.ours, new RecordingListener());
            var reader = Threads.start(() -> connection.readFully(SENDERS * messages * 2 * Integer.BYTES));

            Threads.runTogether(SENDERS, sender -> {
                for (int i = 0; i < messages; i++) {
                    try (SendBuffer message =
                            pool.acquire(8).putInt(sender).putInt(i).seal()) {
                        assertEquals(OfferResult.QUEUED, session.send(message));
                    }
                }
            });

            ByteBuffer bytes = ByteBuffer.wrap(Threads.join(reader));
            int[] next = new int[SENDERS];
            while (bytes.hasRemaining()) {
                int sender = bytes.getInt();
                assertEquals(next[sender]++, bytes.getInt(), "order of sender " + sender);
            }
            assertEquals(SENDERS * messages, Arrays.stream(next).sum());
        }
    }

    private static void sendUntilClosed(Session session, SendBufferPool pool) {
        OfferResult result;
        do {
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
                result = session.send(message);
            }
        } while (result != OfferResult.CLOSED);
    }
}
