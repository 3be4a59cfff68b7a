/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionInternals;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tlschannel.ServerTlsChannel;

/**
 * One message to several clients over TLS. Each checks every byte, while all of them send to the server.
 *
 * <p>The sessions share the plaintext of a message, which is queued once in off-heap memory whatever their number. The
 * engine of each session copies it from there into a record of its own, 16 KiB of one or many messages, and encrypts it
 * in place: keys differ, so ciphertext cannot be shared.
 */
@Timeout(60)
class TlsBroadcastIT {
    private static final int CLIENTS = 4;
    private static final int MESSAGES = 3000;
    private static final int FEW_MESSAGES = 50;

    /** The least that a full record holds: 16 KiB, less what the engine keeps back. */
    private static final int RECORD = 16_000;

    private static TlsIdentity identity;

    private final long seed = TestSeed.next();
    private final List<TlsClient> clients = new ArrayList<>();

    @BeforeAll
    static void makeCertificate(@TempDir Path directory) throws Exception {
        identity = TlsIdentity.create(directory);
    }

    @AfterEach
    void closeClients() throws Exception {
        for (TlsClient client : clients) {
            client.close();
        }
    }

    static Stream<Arguments> ways() {
        return Stream.of(TlsLayering.values())
                .flatMap(layer -> Stream.of(WriteMode.values())
                        .flatMap(mode -> Stream.of("TLSv1.2", "TLSv1.3")
                                .flatMap(protocol -> Stream.of(false, true)
                                        .filter(virtual ->
                                                !virtual || !layer.name().startsWith("LOOP"))
                                        .map(virtual -> Arguments.of(layer, mode, protocol, virtual)))));
    }

    @ParameterizedTest(name = "{0}, {1}, {2}, virtual threads: {3}")
    @MethodSource("ways")
    void shouldDeliverEverythingToAllAndHearThemAll(TlsLayering layer, WriteMode mode, String protocol, boolean virtual)
            throws Exception {
        SendBufferPool pool = Pools.create();
        SSLContext context = identity.forClient();
        TlsServer server = new TlsServer(identity, layer, threads(virtual), TlsLayering.Settings.of(mode));
        try (server) {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(TlsClient.Java.connect(server.socket, context, protocol, i));
            }
            server.awaitMembers(CLIENTS);

            exchange(server, pool);
        }
        for (TlsClient client : clients) {
            client.awaitProperEnd();
        }
        server.requireAllEndedOnce();
    }

    @ParameterizedTest
    @CsvSource({"CONNECTION, TLSv1.2", "CONNECTION, TLSv1.3", "LOOP, TLSv1.2", "LOOP, TLSv1.3"})
    void shouldServeOpenSsl(TlsLayering layer, String protocol) throws Exception {
        OpenSslClient.assumePresent();
        SendBufferPool pool = Pools.create();
        TlsServer server = new TlsServer(identity, layer, threads(false), TlsLayering.Settings.of(WriteMode.LOOP));
        OpenSslClient client;
        try (server) {
            client = OpenSslClient.connect(server.socket, identity, protocol, 0);
            clients.add(client);
            server.awaitMembers(1);

            exchange(server, pool);
        }
        client.awaitProperEnd();
        server.requireAllEndedOnce();
    }

    @Test
    void shouldPutManyMessagesIntoOneRecord() throws Exception {
        SendBufferPool pool = Pools.create();
        SSLContext context = identity.forClient();
        RecordingListener listener = new RecordingListener();
        try (ServerSocketChannel server = Loopback.listen(1);
                BlockingSessions sessions = BlockingSessions.builder().build()) {
            Future<TlsClient.Java> connecting =
                    Threads.start(() -> TlsClient.Java.connect(server, context, "TLSv1.3", 0));
            CountingChannel socket = new CountingChannel(server.accept());
            Session session = sessions.add(
                    ServerTlsChannel.newBuilder(socket, identity.forServer()).build(), listener);
            TlsClient client = Threads.join(connecting);
            clients.add(client);
            Await.until("the handshake is over", () -> listener.receivedBytes.get() == Integer.BYTES);

            int before = socket.writes.get();
            Frames.Writer writer = new Frames.Writer(pool, 0, seed);
            for (int i = 0; i < FEW_MESSAGES; i++) {
                try (SendBuffer message = writer.next()) {
                    session.queue(message);
                }
            }
            long records = session.queuedBytes() / RECORD + 1; // one may be short
            session.flush();

            int writes = socket.writes.get() - before;
            assertTrue(writes <= records, writes + " writes to the socket" + TestSeed.hint(seed));
            client.awaitReceived(FEW_MESSAGES);
        }
        assertEquals(1, listener.closed.get());
    }

    /** Counts what TLS makes of the writes of a session. */
    private static final class CountingChannel implements ByteChannel {
        private final SocketChannel socket;
        final AtomicInteger writes = new AtomicInteger();

        CountingChannel(SocketChannel socket) {
            this.socket = socket;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return socket.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            writes.incrementAndGet();
            return socket.write(source);
        }

        @Override
        public boolean isOpen() {
            return socket.isOpen();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private void exchange(TlsServer server, SendBufferPool pool) throws Exception {
        List<Future<Boolean>> speaking = new ArrayList<>();
        for (TlsClient client : clients) {
            speaking.add(Threads.start(() -> {
                client.speak();
                return true;
            }));
        }
        server.publish(pool, MESSAGES, seed);
        speaking.forEach(Threads::join);
        for (TlsClient client : clients) {
            client.awaitReceived(MESSAGES);
            TlsServer.Member member = server.member(client.index);
            Await.until(
                    "client " + client.index + " was received completely" + TestSeed.hint(seed),
                    () -> member.checkedBytes == TlsClient.SPEECH);
        }
        assertEquals(clients.size(), server.group.size());
    }

    static ThreadFactory threads(boolean virtual) {
        assumeTrue(!virtual || Runtime.version().feature() >= 21, "virtual threads came with JDK 21");
        return SessionInternals.threads(virtual, "tls");
    }
}
