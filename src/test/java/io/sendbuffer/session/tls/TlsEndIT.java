/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionInternals;
import io.sendbuffer.session.WriteMode;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tlschannel.TlsChannel;

/** How sessions over TLS end. A session that does not end, or never begins, delays no other. */
@Timeout(60)
class TlsEndIT {
    private static final int GOOD = 3;
    private static final int MESSAGES = 600;
    /** A client that left reads nothing more, where TLS knows no half-closed connection: so long it is waited for. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);

    private static final byte[] START_OF_A_HANDSHAKE = {0x16, 3, 1, 2, 0, 1};

    private static TlsIdentity identity;

    private final long seed = TestSeed.next();
    private final SendBufferPool pool = Pools.create();
    private final List<AutoCloseable> clients = new ArrayList<>();

    @BeforeAll
    static void makeCertificate(@TempDir Path directory) throws Exception {
        identity = TlsIdentity.create(directory);
    }

    @AfterEach
    void closeClients() {
        CloseHelper.quietCloseAll(clients);
    }

    static Stream<Arguments> ways() {
        return Stream.of(TlsLayering.values())
                .flatMap(layer -> Stream.of(WriteMode.values())
                        .flatMap(mode ->
                                Stream.of("TLSv1.2", "TLSv1.3").map(protocol -> Arguments.of(layer, mode, protocol))));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldEndTheSessionsOfClientsThatLeaveAndNoOthers(TlsLayering layer, WriteMode mode, String protocol)
            throws Exception {
        TlsServer server = start(layer, TlsLayering.Settings.of(mode).closeTimeout(CLOSE_TIMEOUT));
        try (server) {
            List<TlsClient.Java> good = connect(server, protocol, 0, GOOD);
            TlsClient.Java leaving = connect(server, protocol, GOOD, 1).get(0);
            TlsClient.Java dropping = connect(server, protocol, GOOD + 1, 1).get(0);
            server.awaitMembers(GOOD + 2);
            TlsServer.Member left = server.member(leaving.index);
            TlsServer.Member dropped = server.member(dropping.index);

            Future<Boolean> publishing = Threads.start(() -> {
                server.publish(pool, MESSAGES, seed);
                return true;
            });
            Await.until("both have something", () -> leaving.received.get() > 10 && dropping.received.get() > 10);
            leaving.leave();
            dropping.drop();
            Threads.join(publishing);

            for (TlsClient client : good) {
                client.awaitReceived(MESSAGES);
            }
            Await.until("only good clients are left", () -> server.group.size() == GOOD);
            Await.until("both were notified of their end", () -> left.isClosed() && dropped.isClosed());
            assertEquals(leaving.localAddress(), left.session().remoteAddress());
            assertEquals(dropping.localAddress(), dropped.session().remoteAddress());
            assertInstanceOf(EOFException.class, left.cause);
            assertInstanceOf(IOException.class, dropped.cause);
            leaving.awaitEnd();
            dropping.awaitEnd();
        }
        server.requireAllEndedOnce();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldServeOthersWhileOneNeverFinishesItsHandshake(boolean virtual) throws Exception {
        TlsServer server = new TlsServer(
                identity,
                TlsLayering.CHANNEL,
                TlsBroadcastIT.threads(virtual),
                TlsLayering.Settings.of(WriteMode.LOOP).patience(Duration.ofSeconds(2)));
        try (server) {
            TlsServer.Member silent = connectWithoutTls(server, new byte[0]);
            TlsServer.Member halting = connectWithoutTls(server, START_OF_A_HANDSHAKE);
            List<TlsClient.Java> good = connect(server, "TLSv1.3", 0, GOOD);
            server.awaitMembers(GOOD);
            assertTrue(server.group.add(silent.session()));
            assertTrue(server.group.add(halting.session()));

            publishWithoutWaiting(server);

            for (TlsClient client : good) {
                client.awaitReceived(MESSAGES);
            }
            for (TlsServer.Member stuck : List.of(silent, halting)) {
                Await.until("the stuck one was ended", stuck::isClosed);
                assertInstanceOf(SocketTimeoutException.class, stuck.cause);
            }
            assertEquals(GOOD, server.group.size());
        }
        server.requireAllEndedOnce();
    }

    /** Publishes into the members' queues; those of the good members have room, as they read. */
    private void publishWithoutWaiting(TlsServer server) throws Exception {
        Frames.Writer writer = new Frames.Writer(pool, 0, seed);
        for (int i = 0; i < MESSAGES; i++) {
            Await.until(
                    "the good ones have room",
                    () -> server.members.stream()
                            .filter(member -> member.index >= 0)
                            .allMatch(member -> member.session().queuedBytes() < TlsServer.MAX_QUEUED_BYTES / 2));
            try (SendBuffer message = writer.next()) {
                server.group.broadcast(message);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldDeliverEverythingBeforeAClose(TlsLayering layer, WriteMode mode, String protocol) throws Exception {
        TlsServer server = start(layer, TlsLayering.Settings.of(mode));
        try (server) {
            TlsClient client = connect(server, protocol, 0, 1).get(0);
            server.awaitMembers(1);
            TlsServer.Member member = server.member(0);

            int messages = queueAsMuchAsFits(member.session());
            member.session().close();

            client.awaitProperEnd();
            assertEquals(messages, client.received.get(), "messages before the end" + TestSeed.hint(seed));
            Await.until("onClosed was called", member::isClosed);
            assertNull(member.cause);
        }
        server.requireAllEndedOnce();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldAbortWhileAWriteIsStuck(TlsLayering layer, WriteMode mode, String protocol) throws Exception {
        TlsServer server = start(layer, TlsLayering.Settings.of(mode));
        try (server) {
            TlsChannel lazy = identity.connectLazily(server.socket, protocol);
            clients.add(lazy);
            TlsServer.Member member = server.members.get(0);
            lazy.write(ByteBuffer.allocate(Integer.BYTES)); // the client with number 0
            server.awaitMembers(1);
            queueAsMuchAsFits(member.session());
            Future<Boolean> flushing = Threads.start(() -> {
                member.session().flush();
                return true;
            });
            Await.until("a write is stuck", () -> SessionInternals.isWriting(member.session()));

            member.session().abort();

            Threads.join(flushing);
            Await.until("onClosed was called", member::isClosed);
            assertNull(member.cause);
        }
        server.requireAllEndedOnce();
    }

    // ---- servers and clients

    private static TlsServer start(TlsLayering layer, TlsLayering.Settings how) throws Exception {
        return new TlsServer(identity, layer, TlsBroadcastIT.threads(false), how);
    }

    private List<TlsClient.Java> connect(TlsServer server, String protocol, int first, int count) throws Exception {
        SSLContext context = identity.forClient();
        List<TlsClient.Java> connected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TlsClient.Java client = TlsClient.Java.connect(server.socket, context, protocol, first + i);
            clients.add(client);
            connected.add(client);
        }
        return connected;
    }

    private TlsServer.Member connectWithoutTls(TlsServer server, byte[] says) throws Exception {
        int before = server.members.size();
        SocketChannel socket = Loopback.connect(server.socket, Loopback.SMALL);
        clients.add(socket);
        socket.write(ByteBuffer.wrap(says));
        Await.until(
                "it is connected",
                () -> server.members.size() > before
                        && server.members.get(before).opened.get() > 0);
        return server.members.get(before);
    }

    private int queueAsMuchAsFits(Session session) {
        Frames.Writer writer = new Frames.Writer(pool, 0, seed);
        int count = 0;
        while (true) {
            try (SendBuffer message = writer.next()) {
                if (session.queue(message) != OfferResult.QUEUED) {
                    return count;
                }
                count++;
            }
        }
    }
}
