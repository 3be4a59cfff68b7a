/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A group in which one loop ends: the other loops serve everything that comes, on the listening socket too. */
@Timeout(60)
class DeadLoopInGroupIT {
    private static final int LOOPS = 4;
    private static final int CONNECTIONS = 50;

    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final List<SendLoop> ended = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> sockets = new ArrayList<>();
    private final AtomicInteger served = new AtomicInteger();
    private SendLoopGroup loops;

    @BeforeEach
    void start() throws IOException {
        loops = SendLoopGroup.start(
                LOOPS,
                SendLoop.builder()
                        .maxSelectTime(Duration.ofMillis(20))
                        .closeTimeout(Duration.ofMillis(50)) // the peers do not end their side
                        .errorHandler(errors::add)
                        .onEnded((loop, cause) -> ended.add(loop)));
    }

    @AfterEach
    void close() {
        loops.close();
        CloseHelper.closeAll(sockets);
        assertEquals(LOOPS, ended.size(), "onEnded is called once for each loop");
        assertEquals(LOOPS, ended.stream().distinct().count());
        assertEquals(0, loops.sessionCount());
        loops.loops().forEach(loop -> assertTrue(loop.isClosed()));
        assertThrows(IllegalStateException.class, () -> {
            try (Loopback connection = Loopback.open()) {
                loops.add(connection.ours, new RecordingListener());
            }
        });
    }

    private RecordingListener counting() {
        return new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                served.incrementAndGet();
            }
        };
    }

    @Test
    void shouldServeAllThoughACallbackLeavesItsThreadInterrupted() throws Exception {
        RecordingListener interrupting = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                Thread.currentThread().interrupt();
            }
        };
        SocketAddress address = listen();
        Loopback connection = loopback();
        loops.add(connection.ours, interrupting);
        connection.peer.write(ByteBuffer.allocate(1));
        Await.until("it was interrupted", () -> interrupting.receivedBytes.get() > 0);
        requireServed(address);
    }

    @Test
    void shouldServeAllWhenALoopIsEndedFromWithin() throws Exception {
        SocketAddress address = listen();
        endFirstLoop();
        requireServed(address);
    }

    @Test
    void shouldServeAllWhenAllLoopsButOneEnded() throws Exception {
        SocketAddress address = listen();
        for (int i = 0; i < LOOPS - 1; i++) {
            end(loops.loops().get(i));
        }
        requireServed(address);
    }

    @Test
    void shouldListenAfterItsFirstLoopEnded() throws Exception {
        endFirstLoop();
        requireServed(listen());
    }

    @Test
    void shouldRefuseWhatComesWhenNoLoopIsLeft() throws Exception {
        SocketAddress address = listen();
        for (SendLoop loop : loops.loops()) {
            end(loop);
        }
        Await.until("the port is closed", () -> !accepts(address));
        Loopback connection = loopback();
        assertThrows(IllegalStateException.class, () -> loops.add(connection.ours, new RecordingListener()));
        assertThrows(IllegalStateException.class, () -> loops.connect(address, new RecordingListener()));
    }

    private static boolean accepts(SocketAddress address) {
        try (SocketChannel client = SocketChannel.open(address)) {
            return client.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void endFirstLoop() throws Exception {
        end(loops.loops().get(0));
    }

    /** Ends one loop alone, with the sessions that it has. */
    private void end(SendLoop loop) throws Exception {
        RecordingListener ending = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                loop.onClose();
                super.onReceived(session, bytes);
            }
        };
        Loopback connection = loopback();
        loop.add(connection.ours, ending);
        connection.peer.write(ByteBuffer.allocate(1));
        Await.until("the loop ended", loop::isClosed);
        Await.until("its session was notified", ending::isClosed);
        assertNull(ending.cause);
        Await.until("onEnded was called", () -> ended.contains(loop));
    }

    private SocketAddress listen() throws IOException {
        ServerSocketChannel server = Loopback.listen(CONNECTIONS);
        sockets.add(server);
        SocketAddress address = server.getLocalAddress();
        loops.listen(server, connection -> counting());
        return address;
    }

    private Loopback loopback() throws IOException {
        Loopback connection = Loopback.open();
        sockets.add(connection);
        return connection;
    }

    /** 50 sessions are added, 50 connect to the listening socket: each is opened, or ended by a loop that ends. */
    private void requireServed(SocketAddress address) throws Exception {
        List<RecordingListener> added = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            RecordingListener listener = new RecordingListener();
            added.add(listener);
            loops.add(loopback().ours, listener);
            sockets.add(SocketChannel.open(address));
        }
        for (RecordingListener listener : added) {
            Await.until("an added session opened", () -> listener.opened.get() == 1);
            assertFalse(listener.isClosed());
        }
        Await.until("all that connected were opened", () -> served.get() == CONNECTIONS);
    }
}
