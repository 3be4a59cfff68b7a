/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Behavior specific to sessions whose writes wait. */
@Timeout(30)
class BlockingSessionsTest {
    private static final int LENGTH = 1_000;

    private final SendBufferPool pool = Pools.create();
    private final RecordingListener listener = new RecordingListener();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private BlockingSessions sessions = builder().build();

    @AfterEach
    void close() {
        sessions.close();
        listener.requireOrder();
        assertEquals(List.of(), errors);
    }

    private BlockingSessions.Builder builder() {
        return BlockingSessions.builder().errorHandler(errors::add);
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldWriteToAFile(WriteMode mode, @TempDir Path directory) throws Exception {
        sessions = builder().writeMode(mode).build();
        Path file = directory.resolve("log");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Session session = sessions.addOutput(channel, listener);
        for (int number = 0; number < 1_000; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertEquals(OfferResult.QUEUED, session.send(message));
            }
        }
        assertNull(session.remoteAddress());
        session.close();
        Await.until("onClosed was called", listener::isClosed);
        assertNull(listener.cause);
        NumberedMessages.requireMessages(Files.readAllBytes(file), 1_000, LENGTH);
    }

    @Test
    void shouldHaveWrittenToTheFileWhenAnInlineSendReturns(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("log");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        sessions = builder().writeMode(WriteMode.INLINE).build();
        Session session = sessions.addOutput(channel, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            session.send(message);
        }
        assertEquals(LENGTH, Files.size(file));
    }

    @Test
    void shouldLetItsWriterSleepAfterAnInterrupt(@TempDir Path directory) throws Exception {
        List<Thread> made = new CopyOnWriteArrayList<>();
        sessions = builder()
                .writeMode(WriteMode.LOOP)
                .threads(task -> {
                    Thread thread = new Thread(task);
                    thread.setDaemon(true);
                    made.add(thread);
                    return thread;
                })
                .build();
        Path file = directory.resolve("log");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        sessions.addOutput(channel, listener);
        Thread writer = made.get(0);
        writer.interrupt();
        Await.until(
                "it sleeps, no longer interrupted",
                () -> !writer.isInterrupted() && writer.getState() == Thread.State.WAITING);
    }

    @Test
    void shouldAcceptOnAUnixDomainSocketAndConnectToIt(@TempDir Path directory) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        RecordingListener ofServer = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                assertArrayEquals(new byte[] {42}, copy);
                super.onReceived(session, bytes);
            }
        };
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            sessions.listen(server.bind(address), connection -> ofServer);
            Session client = sessions.connect(address, listener);
            try (SendBuffer message = pool.acquire(1)) {
                client.send(message.putByte((byte) 42).seal());
            }
            Await.until("it arrived", () -> ofServer.receivedBytes.get() == 1);
            assertEquals(2, sessions.sessionCount());
        }
    }

    @Test
    void shouldCloseAConnectionThatGetsNoListener() throws Exception {
        try (ServerSocketChannel server = Loopback.listen(1)) {
            sessions.listen(server, connection -> null);
            try (SocketChannel client = Loopback.connect(server, 0)) {
                assertEquals(-1, client.read(ByteBuffer.allocate(1)));
            }
        }
    }

    @Test
    void shouldReportWhatTheFunctionThrewAndContinueAccepting() throws Exception {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        try (ServerSocketChannel server = Loopback.listen(1)) {
            sessions.listen(server, connection -> {
                if (errors.isEmpty()) {
                    throw thrown;
                }
                return listener;
            });
            try (SocketChannel unlucky = Loopback.connect(server, 0)) {
                assertEquals(-1, unlucky.read(ByteBuffer.allocate(1)));
            }
            assertEquals(List.of(thrown), errors);
            try (SocketChannel next = Loopback.connect(server, 0)) {
                Await.until("it was opened", () -> listener.opened.get() == 1);
                next.close();
                Await.until("onClosed was called", listener::isClosed);
            }
        }
        errors.clear();
    }

    @Test
    void shouldRejectWhatItCannotWaitFor() throws Exception {
        try (Loopback connection = Loopback.open()) {
            connection.ours.configureBlocking(false);
            assertSays(
                    assertThrows(IllegalArgumentException.class, () -> sessions.add(connection.ours, listener)),
                    "not in blocking mode",
                    "SendLoop");
        }
        try (SocketChannel unconnected = SocketChannel.open()) {
            assertThrows(IllegalArgumentException.class, () -> sessions.add(unconnected, listener));
        }
        try (ServerSocketChannel unbound = ServerSocketChannel.open()) {
            assertThrows(IllegalArgumentException.class, () -> sessions.listen(unbound, connection -> listener));
        }
        SocketChannel closed = SocketChannel.open();
        closed.close();
        assertInstanceOf(IOException.class, assertThrows(Exception.class, () -> sessions.add(closed, listener)));
    }

    @Test
    void shouldRejectWhatComesAfterItsClose() throws Exception {
        sessions.close();
        sessions.close();
        try (Loopback connection = Loopback.open();
                ServerSocketChannel server = Loopback.listen(1)) {
            assertThrows(IllegalStateException.class, () -> sessions.add(connection.ours, listener));
            assertThrows(IllegalStateException.class, () -> sessions.listen(server, any -> listener));
            assertThrows(IllegalStateException.class, () -> sessions.connect(server.getLocalAddress(), listener));
        }
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_20)
    void shouldSayWhichJdkHasVirtualThreads() {
        assertSays(
                assertThrows(
                        UnsupportedOperationException.class, () -> builder().virtualThreads()),
                "JDK 21");
    }
}
