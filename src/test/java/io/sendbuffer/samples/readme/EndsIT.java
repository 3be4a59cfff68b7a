/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ends that the guide shows are those that the clients see. */
@Timeout(30)
class EndsIT {
    private final SendBufferPool pool = Pools.create();
    private final Ends ends = new Ends(pool);
    private final RecordingListener listener = new RecordingListener();

    @Test
    void shouldSayWhyAClientIsSentAway() throws Exception {
        SendLoop loop = SendLoop.builder().build();
        try (LoopRunner runner = loop.start();
                Loopback connection = Loopback.open()) {
            SessionGroup clients = new SessionGroup();
            clients.add(loop.add(connection.ours, listener));
            ends.sendAway(clients, "maintenance");
            assertEquals("maintenance\n", new String(connection.readFully(12), StandardCharsets.US_ASCII));
            Await.until("the stream ended", () -> hasEnded(connection));
            connection.peer.close();
            Await.until("onClosed was called", listener::isClosed);
            assertNull(listener.cause);
        }
    }

    @Test
    void shouldEndWithTheReason() throws Exception {
        SendLoop loop = SendLoop.builder().build();
        try (LoopRunner runner = loop.start();
                Loopback connection = Loopback.open()) {
            ends.reject(loop.add(connection.ours, listener), "no frame begins so");
            Await.until("onClosed was called", listener::isClosed);
            assertInstanceOf(ProtocolException.class, listener.cause);
        }
    }

    @Test
    void shouldReceiveOnWhenAllIsAnswered() throws Exception {
        SendLoop loop = SendLoop.builder().build();
        try (LoopRunner runner = loop.start();
                Loopback connection = Loopback.open()) {
            Session client = loop.add(connection.ours, listener);
            ends.answered(client);
            Await.until("the stream ended", () -> hasEnded(connection));
            connection.peer.write(ByteBuffer.allocate(3));
            Await.until("it was received", () -> listener.receivedBytes.get() == 3);
            connection.peer.close();
            Await.until("onClosed was called", listener::isClosed);
            assertNull(listener.cause);
        }
    }

    private static boolean hasEnded(Loopback connection) {
        return connection.sawEnd();
    }
}
