/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several loops that share the sessions of a server. */
@Timeout(30)
class SendLoopGroupTest {
    private static final int LOOPS = 3;

    private final SendBufferPool pool = Pools.create();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final SessionGroup members = new SessionGroup();
    private final List<AutoCloseable> sockets = new ArrayList<>();
    private SendLoopGroup loops;

    @BeforeEach
    void open() throws Exception {
        loops = SendLoopGroup.start(
                LOOPS,
                SendLoop.builder()
                        .roleName("loop")
                        .maxSelectTime(Duration.ofMillis(20))
                        .closeTimeout(Duration.ofMillis(20))); // the peers do not end their side
    }

    @AfterEach
    void close() {
        loops.close();
        CloseHelper.closeAll(sockets);
    }

    @Test
    void shouldSpreadConnectionsEvenlyAndBroadcastToAll() throws Exception {
        ServerSocketChannel server = Loopback.listen(64);
        sockets.add(server);
        loops.listen(server, connection -> new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                threads.add(Thread.currentThread().getName());
                members.add(session);
            }
        });
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < 10 * LOOPS; i++) {
            SocketChannel client = Loopback.connect(server, 0);
            sockets.add(client);
            clients.add(client);
        }
        Await.until("all are members", () -> members.size() == clients.size());
        for (SendLoop loop : loops.loops()) {
            assertEquals(10, loop.sessionCount());
        }
        assertEquals(Set.of("loop-0", "loop-1", "loop-2"), threads);

        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
            assertEquals(clients.size(), members.broadcast(message));
        }
        for (SocketChannel client : clients) {
            ByteBuffer bytes = ByteBuffer.allocate(100);
            while (bytes.hasRemaining()) {
                assertTrue(client.read(bytes) >= 0);
            }
            NumberedMessages.requireMessages(bytes.array(), 1, 100);
        }
    }

    @Test
    void shouldFillUpTheLoopWhoseSessionsEnded() throws Exception {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 2 * LOOPS; i++) {
            sessions.add(loops.add(connection(), new RecordingListener()));
        }
        SendLoop first = loops.loops().get(0);
        sessions.get(0).abort();
        sessions.get(LOOPS).abort();
        Await.until("one loop has no session", () -> first.sessionCount() == 0);
        loops.add(connection(), new RecordingListener());
        loops.add(connection(), new RecordingListener());
        assertEquals(2, first.sessionCount());
    }

    private SocketChannel connection() throws Exception {
        Loopback connection = Loopback.open();
        sockets.add(connection);
        return connection.ours;
    }

    @Test
    void shouldEndEverySessionOnEveryLoopWhenItCloses() throws Exception {
        List<RecordingListener> listeners = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            RecordingListener listener = new RecordingListener();
            listeners.add(listener);
            loops.add(connection(), listener);
        }
        loops.close();
        listeners.forEach(listener -> assertEquals(1, listener.closed.get()));
        assertEquals(0, loops.sessionCount());
        SocketChannel late = connection();
        assertThrows(IllegalStateException.class, () -> loops.add(late, new RecordingListener()));
        loops.close();
    }

    @Test
    void shouldRejectACountOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> SendLoopGroup.start(0, SendLoop.builder()));
        assertThrows(IllegalArgumentException.class, () -> SendLoopGroup.start(1025, SendLoop.builder()));
    }
}
