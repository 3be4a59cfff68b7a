/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import io.sendbuffer.samples.tls.TlsConnection;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tlschannel.TlsChannel;

/** A connection that closes sends a close_notify, knows whether the peer sent one, and waits for no one. */
@Timeout(60)
class TlsConnectionIT {
    private static final int LOOKS = 50;

    private static TlsIdentity identity;

    private final RecordingListener listener = new RecordingListener();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final BlockingSessions sessions =
            BlockingSessions.builder().errorHandler(errors::add).build();
    private ServerSocketChannel server;

    @BeforeAll
    static void makeCertificate(@TempDir Path directory) throws Exception {
        identity = TlsIdentity.create(directory);
    }

    @BeforeEach
    void listen() throws Exception {
        server = Loopback.listen(1);
    }

    @AfterEach
    void closeAll() {
        CloseHelper.closeAll(server, sessions);
        assertEquals(1, listener.closed.get());
        assertEquals(List.of(), errors);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldNotifyThePeerOfAProperEnd(String protocol) throws Exception {
        Future<TlsChannel> connecting = connect(protocol);
        Session session = sessions.add(accept(), listener);
        try (TlsChannel client = Threads.join(connecting)) {
            Await.until("the reader waits for more", () -> listener.receivedBytes.get() == 1);

            session.close();

            assertEquals(-1, client.read(ByteBuffer.allocate(1)));
            assertTrue(client.shutdownReceived(), "a close_notify came before the end");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldDistinguishAPeerThatSaidGoodbyeFromOneThatWasCutOff(String protocol) throws Exception {
        Future<TlsChannel> connecting = connect(protocol);
        TlsConnection connection = accept();
        Session session = sessions.add(connection, listener);
        try (TlsChannel client = Threads.join(connecting)) {
            client.shutdown();
            Await.until("onClosed was called", listener::isClosed);
            assertTrue(connection.peerSaidGoodbye());
        }
        assertTrue(session.isClosed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldNotTakeTheEndOfTheConnectionForAGoodbye(String protocol) throws Exception {
        Future<TlsChannel> connecting = connect(protocol);
        TlsConnection connection = accept();
        Session session = sessions.add(connection, listener);
        try (TlsChannel client = Threads.join(connecting)) {
            client.getUnderlying().close();
            Await.until("onClosed was called", listener::isClosed);
            assertFalse(connection.peerSaidGoodbye());
        }
        assertTrue(session.isClosed());
    }

    /** The bare TlsChannel waits here until the peer reads. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldCloseThoughThereIsNoRoomForAGoodbye(String protocol) throws Exception {
        listener.keepsOutput = true;
        Future<TlsChannel> connecting = connect(protocol);
        SocketChannel socket = server.accept();
        Session session = sessions.add(new TlsConnection(socket, identity.forServer()), listener);
        try (TlsChannel client = Threads.join(connecting)) {
            client.shutdown();
            Await.until("only the output is left", () -> listener.inputEnded.get() == 1);
            fill(socket);

            Threads.join(Threads.start(() -> {
                session.abort();
                return true;
            }));

            Await.until("onClosed was called", listener::isClosed);
            assertNull(listener.cause);
        }
    }

    private static void fill(SocketChannel socket) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(Loopback.SMALL);
        int[] looks = {0};
        socket.configureBlocking(false);
        Await.until("the system takes no more", () -> {
            looks[0] = writeSome(socket, bytes.clear()) == 0 ? looks[0] + 1 : 0;
            return looks[0] == LOOKS;
        });
        socket.configureBlocking(true);
    }

    private static int writeSome(SocketChannel socket, ByteBuffer bytes) {
        try {
            return socket.write(bytes);
        } catch (IOException e) {
            throw new AssertionError("the connection failed", e);
        }
    }

    private TlsConnection accept() throws Exception {
        return new TlsConnection(server.accept(), identity.forServer());
    }

    /** Connects in a separate thread, as a handshake takes two, and sends one byte. */
    private Future<TlsChannel> connect(String protocol) {
        return Threads.start(() -> {
            TlsChannel client = identity.connectLazily(server, protocol);
            client.write(ByteBuffer.allocate(1));
            return client;
        });
    }
}
