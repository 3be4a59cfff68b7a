/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Accepting continues whatever an accept, the listener factory or the creation of a session throws. */
@Timeout(30)
class AcceptFailureTest {
    private static final int CLIENTS = 4;
    private static final int MAX_INTERRUPTS = 10;

    private final HostSettings settings = new HostSettings();
    private final AtomicInteger served = new AtomicInteger();
    private @Nullable StubHost host;

    @AfterEach
    void close() {
        if (host != null) {
            host.close();
        }
    }

    static Stream<Arguments> kindsAndFaults() {
        List<Faults.Thrown> thrown = new ArrayList<>(Faults.UNCHECKED);
        thrown.add(Faults.Thrown.IO_EXCEPTION); // too many open files, for instance
        return Stream.of(StubKind.values()).flatMap(kind -> thrown.stream().map(each -> Arguments.of(kind, each)));
    }

    @ParameterizedTest
    @MethodSource("kindsAndFaults")
    void shouldReportWhatAcceptThrewAndContinue(StubKind kind, Faults.Thrown thrown) throws Exception {
        Faults faults = Faults.at(Faults.Edge.ACCEPT, 2, thrown.get());
        StubHost.Server server = listen(kind, faults);
        for (int i = 0; i < CLIENTS; i++) {
            server.connect(new StubStream());
        }
        Await.until("all are served", () -> served.get() == CLIENTS);
        assertTrue(faults.wasThrown());
        Await.until("it was reported", () -> !settings.errors.isEmpty());
        assertEquals(1, settings.errors.size(), () -> "errors: " + settings.errors);
        assertTrue(server.isOpen());
    }

    @ParameterizedTest
    @MethodSource("kindsAndFaults")
    void shouldReportWhatTheFactoryThrewAndContinue(StubKind kind, Faults.Thrown thrown) throws Exception {
        Faults faults = Faults.at(Faults.Edge.LISTENER_FACTORY, 2, thrown.get());
        StubHost.Server server = listen(kind, faults);
        List<StubStream> streams = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            StubStream stream = new StubStream();
            streams.add(stream);
            server.connect(stream);
        }
        Await.until("all but one are served", () -> served.get() == CLIENTS - 1);
        Await.until("it was reported", () -> !settings.errors.isEmpty());
        assertEquals(1, settings.errors.size(), () -> "errors: " + settings.errors);
        Await.until(
                "the connection was closed",
                () -> streams.stream().filter(StubStream::isClosed).count() == 1);
    }

    /** The user code that leaves the accepting or reading thread interrupted. */
    enum Interrupting {
        LISTENER_FACTORY,
        ERROR_HANDLER,
        ON_OPENED,
        ON_RECEIVED
    }

    static Stream<Arguments> kindsAndInterrupting() {
        return Stream.of(StubKind.values())
                .flatMap(kind -> Stream.of(Interrupting.values()).map(each -> Arguments.of(kind, each)));
    }

    @ParameterizedTest
    @MethodSource("kindsAndInterrupting")
    void shouldAcceptAndReadOnWhenTheUsersCodeLeavesItsThreadInterrupted(StubKind kind, Interrupting interrupting)
            throws Exception {
        AtomicInteger received = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        AtomicInteger interrupts = new AtomicInteger();
        if (interrupting == Interrupting.ERROR_HANDLER) {
            settings.onError = error -> interrupt(interrupts);
        }
        host = kind.start(settings, Faults.none());
        StubHost.Server server = host.listen(connection -> {
            if (interrupting == Interrupting.LISTENER_FACTORY) {
                interrupt(interrupts);
            } else if (interrupting == Interrupting.ERROR_HANDLER && interrupts.get() == 0) {
                throw new IllegalStateException("of the factory, on purpose");
            }
            return new SessionListener() {
                @Override
                public void onOpened(Session session) {
                    served.incrementAndGet();
                    if (interrupting == Interrupting.ON_OPENED) {
                        interrupt(interrupts);
                    }
                }

                @Override
                public void onReceived(Session session, ByteBuffer bytes) {
                    received.addAndGet(bytes.remaining());
                    if (interrupting == Interrupting.ON_RECEIVED) {
                        interrupt(interrupts);
                    }
                }

                @Override
                public void onClosed(Session session, @Nullable Throwable cause) {
                    closed.incrementAndGet();
                }
            };
        });
        int refused = interrupting == Interrupting.ERROR_HANDLER ? 1 : 0;
        for (int i = 0; i < CLIENTS; i++) {
            StubStream stream = new StubStream();
            server.connect(stream);
            int expected = Math.max(0, i + 1 - refused);
            Await.until("it is served", () -> served.get() == expected && (expected > 0 || interrupts.get() > 0));
            if (expected > 0) {
                stream.receive((byte) 1);
                Await.until("it is read", () -> received.get() == 2 * expected - 1);
                stream.receive((byte) 1);
                Await.until("it is read again", () -> received.get() == 2 * expected);
            }
        }
        assertTrue(server.isOpen());
        assertTrue(interrupts.get() > 0);
        assertEquals(0, closed.get());
    }

    private static void interrupt(AtomicInteger interrupts) {
        if (interrupts.incrementAndGet() <= MAX_INTERRUPTS) { // the error handler is called for each one
            Thread.currentThread().interrupt();
        }
    }

    /** Asynchronous channels may complete within the call what is ready at once. */
    @Test
    void shouldNotGrowItsStackWithAcceptsThatCompleteWithinTheirCall() throws Exception {
        int clients = 20_000;
        AtomicInteger deepest = new AtomicInteger();
        AsyncServerStub server = new AsyncServerStub(Faults.none()).completeWithin();
        AtomicInteger made = new AtomicInteger();
        AtomicInteger withinCall = new AtomicInteger();
        Thread caller = Thread.currentThread();
        for (int i = 0; i < clients; i++) {
            server.connect(new StubStream());
        }
        try (AsyncSessions sessions =
                AsyncSessions.builder().errorHandler(settings.errors::add).build()) {
            sessions.listen(server, connection -> {
                deepest.accumulateAndGet(new Throwable().getStackTrace().length, Math::max);
                withinCall.addAndGet(Thread.currentThread() == caller ? 1 : 0);
                made.incrementAndGet();
                return null;
            });
            Await.until("all were accepted", () -> made.get() == clients);
            server.connect(new StubStream());
            Await.until("accepting continues", () -> made.get() == clients + 1);
            assertTrue(server.isOpen());
        }
        assertEquals(0, withinCall.get(), "no factory is called within the call that listens");
        assertTrue(deepest.get() < 100, () -> "the stack was " + deepest + " frames deep");
        assertEquals(List.of(), settings.errors);
    }

    private StubHost.Server listen(StubKind kind, Faults faults) throws IOException {
        StubHost started = kind.start(settings, faults);
        host = started;
        return started.listen(connection -> {
            faults.hit(Faults.Edge.LISTENER_FACTORY);
            return new RecordingListener() {
                @Override
                public void onOpened(Session session) {
                    served.incrementAndGet();
                }
            };
        });
    }
}
