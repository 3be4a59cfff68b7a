/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.samples.tls.TlsLayer;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.WriteMode;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tlschannel.TlsChannel;

/** TLS on a loop, against clients of the JDK: what only a loop does, and what only TLS does to it. */
@Timeout(120)
class TlsLoopIT {
    private static final int MESSAGES = 600;
    private static final int CONNECTING_THREADS = 8;
    private static final int RENEWALS = 20;
    private static final int RACES = 100;

    private static final byte[] START_OF_A_HANDSHAKE = {0x16, 3, 1, 2, 0, 1};
    private static final byte[] NO_TLS = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final TlsIdentity identity = TlsIdentity.shared();
    private final long seed = TestSeed.next();
    private final SendBufferPool pool = Pools.create();
    private final Queue<AutoCloseable> clients = new ConcurrentLinkedQueue<>();

    @AfterEach
    void closeClients() {
        CloseHelper.quietCloseAll(clients);
    }

    static Stream<Arguments> ways() {
        return Stream.of(WriteMode.values())
                .flatMap(mode -> Stream.of("TLSv1.2", "TLSv1.3").map(protocol -> Arguments.of(mode, protocol)));
    }

    private TlsServer start(TlsLayering.Settings settings) throws Exception {
        return new TlsServer(identity, TlsLayering.LOOP, TlsBroadcastIT.threads(false), settings);
    }

    private TlsClient.Java connect(TlsServer server, SSLContext context, String protocol, int index)
            throws IOException {
        TlsClient.Java client = TlsClient.Java.connect(server.socket, context, protocol, index);
        clients.add(client);
        return client;
    }

    /** Every byte of every message is checked by each client. */
    @ParameterizedTest
    @CsvSource({"LOOP, TLSv1.3, 1000", "INLINE, TLSv1.2, 200"})
    void shouldServeAThousandClientsOnOneThread(WriteMode mode, String protocol, int count) throws Exception {
        SSLContext context = identity.forClient();
        Queue<TlsClient.Java> connected = new ConcurrentLinkedQueue<>();
        int messages = 60;
        try (TlsServer server = start(TlsLayering.Settings.of(mode))) {
            Threads.runTogether(CONNECTING_THREADS, thread -> {
                for (int index = thread; index < count; index += CONNECTING_THREADS) {
                    connected.add(connect(server, context, protocol, index));
                }
            });
            server.awaitMembers(count);

            server.publish(pool, messages, seed);

            for (TlsClient client : connected) {
                client.awaitReceived(messages);
            }
            assertEquals(count, server.group.size());
            server.close();
            for (TlsClient client : connected) {
                client.awaitProperEnd();
            }
            server.requireAllEndedOnce();
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldLoseNothingWhileClientsRenewTheirKeys(WriteMode mode) throws Exception {
        TlsServer server = start(TlsLayering.Settings.of(mode));
        try (server) {
            TlsClient.Java client = connect(server, identity.forClient(), "TLSv1.3", 0);
            server.awaitMembers(1);
            Future<Boolean> renewing = Threads.start(() -> {
                for (int i = 0; i < RENEWALS; i++) {
                    int before = client.received.get();
                    client.renewKeys();
                    Await.until("messages follow", () -> client.received.get() > before || before == MESSAGES);
                }
                return true;
            });
            server.publish(pool, MESSAGES, seed);
            requireDone(renewing, server);
            client.speak();

            client.awaitReceived(MESSAGES);
            Await.until("it was heard", () -> server.member(0).checkedBytes == TlsClient.SPEECH);
        }
        server.requireAllEndedOnce();
    }

    /**
     * Messages cross each handshake. The client is the JDK's engine with one thread: where one thread of Java's own
     * client negotiates while another one reads, it sometimes does not expect the server's answer yet, a server_hello
     * or a new_session_ticket. TLS 1.3 has no second handshake.
     */
    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldLoseNothingWhenClientsNegotiateAgain(WriteMode mode) throws Exception {
        TlsServer server = start(TlsLayering.Settings.of(mode));
        try (server) {
            NegotiatingClient client = new NegotiatingClient(identity.connectLazily(server.socket, "TLSv1.2"));
            clients.add(client);
            server.awaitMembers(1);
            AtomicBoolean negotiated = new AtomicBoolean();
            AtomicInteger total = new AtomicInteger(Integer.MAX_VALUE);
            Future<Boolean> publishing = Threads.start(() -> {
                Frames.Writer writer = new Frames.Writer(pool, 0, seed);
                int count = 1;
                while (!negotiated.get()) {
                    server.broadcastNext(writer);
                    count++;
                }
                total.set(count); // before the last message: the client may be waiting for one
                server.broadcastNext(writer);
                return true;
            });
            try {
                for (int i = 0; i < RENEWALS; i++) {
                    client.negotiateAgain();
                }
            } finally {
                negotiated.set(true);
            }
            client.readUntil(total::get);
            Threads.join(publishing);
            client.speak();

            Await.until("it was heard", () -> server.member(0).checkedBytes == TlsClient.SPEECH);
        }
        server.requireAllEndedOnce();
    }

    /** What a client met is often what the server did. */
    private static void requireDone(Future<Boolean> byClient, TlsServer server) {
        try {
            Threads.join(byClient);
        } catch (AssertionError e) {
            e.addSuppressed(new AssertionError(
                    "the server's session: " + server.member(0).session(), server.member(0).cause));
            throw e;
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldContinueToSendToAClientThatEndedItsInput(WriteMode mode) throws Exception {
        TlsServer server = start(TlsLayering.Settings.of(mode));
        TlsClient.Java client;
        try (server) {
            client = connect(server, identity.forClient(), "TLSv1.3", 0);
            server.awaitMembers(1);
            TlsServer.Member member = server.member(0);
            member.keepsOutput = true;
            client.leave();
            Await.until("its input ended", () -> member.inputEnded.get() == 1);
            assertTrue(member.session().layer() instanceof TlsLayer tls && tls.peerSaidGoodbye());

            server.publish(pool, MESSAGES, seed);

            client.awaitReceived(MESSAGES);
        }
        client.awaitProperEnd();
        server.requireAllEndedOnce();
    }

    /** A half-close: TLS 1.3 has it, and in TLS 1.2 the client has to answer with its own end. */
    @ParameterizedTest
    @MethodSource("ways")
    void shouldReceiveWhatAClientSendsAfterTheEndOfTheOutput(WriteMode mode, String protocol) throws Exception {
        boolean goesOn = protocol.equals("TLSv1.3");
        TlsServer server = start(TlsLayering.Settings.of(mode));
        try (server) {
            TlsClient.Java client = connect(server, identity.forClient(), protocol, 0);
            server.awaitMembers(1);
            server.publish(pool, MESSAGES, seed);
            TlsServer.Member member = server.member(0);
            member.session().shutdownOutput();

            client.awaitProperEnd();
            assertEquals(MESSAGES, client.received.get());
            if (goesOn) {
                client.speak();
                Await.until("it was heard", () -> member.checkedBytes == TlsClient.SPEECH);
                assertEquals(0, member.inputEnded.get());
                client.leave();
            }
            Await.until("onClosed was called", member::isClosed);
            assertEquals(1, member.inputEnded.get());
            assertNull(member.cause);
            assertTrue(member.session().layer() instanceof TlsLayer tls && tls.peerSaidGoodbye());
        }
        server.requireAllEndedOnce();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldSayGoodbyeWhenClosedAndNotWhenAborted(WriteMode mode, String protocol) throws Exception {
        TlsServer server = start(TlsLayering.Settings.of(mode));
        try (server) {
            for (boolean aborts : new boolean[] {false, true}) {
                TlsChannel client = identity.connectLazily(server.socket, protocol);
                clients.add(client);
                client.write(ByteBuffer.allocate(Integer.BYTES)); // the client with number 0
                server.awaitMembers(1);
                TlsServer.Member member = server.members.get(server.members.size() - 1);
                if (aborts) {
                    member.session().abort();
                } else {
                    member.session().close();
                }

                assertEquals(-1, client.read(ByteBuffer.allocate(1)));
                assertEquals(!aborts, client.shutdownReceived());
                client.close();
                Await.until("onClosed was called", member::isClosed);
                assertNull(member.cause);
                server.awaitMembers(0);
            }
        }
        server.requireAllEndedOnce();
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldEndClientsThatNeverFinishTheirHandshakeAndNoOthers(WriteMode mode) throws Exception {
        TlsServer server = start(TlsLayering.Settings.of(mode).patience(Duration.ofSeconds(1)));
        try (server) {
            TlsServer.Member silent = connectWithoutTls(server, new byte[0]);
            TlsServer.Member halting = connectWithoutTls(server, START_OF_A_HANDSHAKE);
            TlsServer.Member wrong = connectWithoutTls(server, NO_TLS);
            TlsClient.Java good = connect(server, identity.forClient(), "TLSv1.3", 0);
            server.awaitMembers(1);
            server.publish(pool, MESSAGES, seed);
            good.awaitReceived(MESSAGES);
            for (TlsServer.Member bad : List.of(silent, halting, wrong)) {
                Await.until("it was ended", bad::isClosed);
                assertEquals(0, bad.opened.get());
            }
            assertInstanceOf(SocketTimeoutException.class, silent.cause);
            assertInstanceOf(SocketTimeoutException.class, halting.cause);
            assertInstanceOf(IOException.class, wrong.cause);
            assertEquals(1, server.group.size());
        }
        server.requireAllEndedOnce();
    }

    private TlsServer.Member connectWithoutTls(TlsServer server, byte[] says) throws Exception {
        int before = server.members.size();
        SocketChannel socket = Loopback.connect(server.socket, Loopback.SMALL);
        clients.add(socket);
        socket.write(ByteBuffer.wrap(says));
        Await.until("it is accepted", () -> server.members.size() > before);
        return server.members.get(before);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldEndOnceWhenBothSayGoodbyeAtOnce(WriteMode mode, String protocol) throws Exception {
        SSLContext context = identity.forClient();
        TlsServer server = start(TlsLayering.Settings.of(mode));
        try (server) {
            List<Session> sessions = new ArrayList<>();
            for (int i = 0; i < RACES; i++) {
                TlsClient.Java client = connect(server, context, protocol, i);
                server.awaitMembers(1);
                TlsServer.Member member = server.member(i);
                sessions.add(member.session());
                Threads.runTogether(2, which -> {
                    if (which == 0) {
                        client.close();
                    } else {
                        member.session().close();
                    }
                });
                Await.until("onClosed was called", member::isClosed);
                Throwable cause = member.cause;
                assertTrue(cause == null || cause instanceof EOFException, () -> "ended with " + cause);
            }
            assertEquals(RACES, sessions.stream().filter(Session::isClosed).count());
        }
        server.requireAllEndedOnce();
    }
}
