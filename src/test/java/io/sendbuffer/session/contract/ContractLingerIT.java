/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The contract of every kind of session: a close gets its last bytes, and the end, to peers that are still sending and
 * read late, and not a reset.
 */
@Tag("slow")
@Timeout(120)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractLingerIT extends ContractTest {
    private static final int CLIENTS = 200;
    private static final int BACKLOG = 3;
    private static final int GOODBYE = 100;
    private static final int BYTES = BACKLOG * LENGTH + GOODBYE;
    private static final Duration LONG = Duration.ofSeconds(20);

    private final SessionGroup group = new SessionGroup();
    private final List<Client> clients = new ArrayList<>();

    ContractLingerIT(SessionKind kind) {
        super(kind);
    }

    @BeforeEach
    void requireInput() {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
    }

    /** Sends without an end, and begins to read when it is asked to. */
    private static final class Client {
        final ByteChannel channel;
        final RecordingListener listener;
        final ByteBuffer received = ByteBuffer.allocate(BYTES + 1);
        private final ByteBuffer sent = ByteBuffer.allocate(512);
        boolean ended;

        @Nullable
        IOException failure;

        Client(PeerWire wire, RecordingListener listener) {
            this.channel = (ByteChannel) wire.peer();
            this.listener = listener;
        }

        void send() {
            try {
                channel.write(sent.clear());
            } catch (IOException e) {
                failure = e;
            }
        }

        void read() {
            try {
                int count = 0;
                do {
                    count = channel.read(received);
                } while (count > 0 && received.hasRemaining());
                ended = count < 0;
            } catch (IOException e) {
                failure = e;
            }
        }

        boolean isDone() {
            return ended || failure != null || !received.hasRemaining();
        }
    }

    private void startClients(Supplier<RecordingListener> maker) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            RecordingListener each = maker.get();
            PeerWire wire = host.wire();
            group.add(add(wire, each));
            clients.add(new Client(wire, each));
        }
    }

    /** All clients send, and read after a while; those that saw the end leave. */
    private void runUntilAllEnded(Duration readAfter) throws Exception {
        long start = System.nanoTime();
        Await.until("all clients ended", () -> clients.stream().allMatch(Client::isDone), () -> {
            boolean reads = System.nanoTime() - start > readAfter.toNanos();
            for (Client each : clients) {
                if (!each.isDone()) {
                    each.send();
                    if (reads) {
                        each.read();
                    }
                    if (each.ended) {
                        each.channel.close();
                    }
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        });
    }

    private void requireAllGotTheGoodbye() throws Exception {
        int got = 0;
        IOException failure = null;
        for (Client each : clients) {
            failure = each.failure == null ? failure : each.failure;
            if (each.ended && each.received.position() == BYTES) {
                each.received.flip();
                for (int number = 0; number < BACKLOG; number++) {
                    NumberedMessages.requireMessage(each.received, number, LENGTH);
                }
                NumberedMessages.requireMessage(each.received, -1, GOODBYE);
                got++;
            }
        }
        IOException why = failure;
        assertEquals(CLIENTS, got, () -> "clients that got the goodbye, and the end; others: " + why);
        for (Client each : clients) {
            Await.until("onClosed was called", each.listener::isClosed);
            each.listener.requireOrder();
            assertNull(each.listener.cause);
        }
    }

    private void sayGoodbye(Session session) {
        queueAll(session, BACKLOG);
        try (SendBuffer last = NumberedMessages.sealed(pool, -1, GOODBYE)) {
            assertTrue(session.close(last, LONG));
        }
    }

    @Test
    void shouldDeliverAGoodbyeToClientsThatSendOnAndReadLate() throws Exception {
        startClients(RecordingListener::new);
        for (Client each : clients) {
            Await.until("it sends", () -> each.listener.receivedBytes.get() > 1_000, each::send);
        }
        group.forEach(this::sayGoodbye);
        runUntilAllEnded(Duration.ofMillis(1_500));
        requireAllGotTheGoodbye();
    }

    /** Where the session ends its output within the callback, what is received next is not the rest of its input. */
    @Test
    void shouldDeliverAGoodbyeThatIsSaidWithinTheReceivingCallback() throws Exception {
        startClients(() -> new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                if (session.isWritable()) { // else it was said
                    sayGoodbye(session);
                }
            }
        });
        runUntilAllEnded(Duration.ofMillis(500));
        requireAllGotTheGoodbye();
    }

    @Test
    void shouldWaitForAPeerThatSendsOnNoLongerThanTheCloseTimeout() throws Exception {
        restart(new HostSettings().closeTimeout(Duration.ofMillis(1_500)));
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        Client client = new Client(wire, listener);
        long start = System.nanoTime();
        session.close();
        Await.until("onClosed was called", listener::isClosed, () -> {
            client.send();
            LockSupport.parkNanos(1_000_000);
        });
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 1_400 && millis < 2_500, () -> "it took " + millis + " ms");
        assertNull(listener.cause);
    }

    @Test
    void shouldNotWaitLongerThanASecondForAPeerThatIsSilent() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        awaitOpened();
        long start = System.nanoTime();
        session.close();
        awaitClosed();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 1_500, () -> "it took " + millis + " ms");
        assertNull(listener.cause);
    }
}
