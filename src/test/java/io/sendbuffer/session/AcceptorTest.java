/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listening socket on a loop. */
@Timeout(30)
class AcceptorTest {
    private final RecordingListener listener = new RecordingListener();
    private HandDrivenLoop loop;
    private ServerSocketChannel server;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.INLINE);
        server = loop.listen();
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void shouldMakeASessionOfEachConnection() throws Exception {
        loop.loop.listen(server, channel -> listenerOf(channel));
        for (int i = 0; i < 100; i++) {
            loop.connect(server); // more than one turn accepts
            loop.dutyCycle();
        }
        loop.dutyCyclesUntil("all sessions opened", () -> listener.opened.get() == 100);
        assertEquals(List.of(), loop.errors);
    }

    @Test
    void shouldSendSmallMessagesWithoutDelay() throws Exception {
        AtomicBoolean noDelay = new AtomicBoolean();
        loop.loop.listen(server, channel -> {
            noDelay.set(optionOf(channel));
            return listenerOf(channel);
        });
        loop.connect(server);
        loop.dutyCyclesUntil("the session opened", () -> listener.opened.get() == 1);
        assertTrue(noDelay.get());
    }

    @Test
    void shouldCloseAConnectionThatGetsNoListener() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        loop.loop.listen(server, channel -> {
            refused.incrementAndGet();
            return null;
        });
        SocketChannel client = loop.connect(server);

        loop.dutyCyclesUntil("the connection was refused", () -> refused.get() == 1);

        assertEquals(-1, client.read(ByteBuffer.allocate(1)));
        assertEquals(0, loop.dutyCycle());
        assertEquals(List.of(), loop.errors);
    }

    @Test
    void shouldDeliverAFarewellBeforeItRefuses() throws Exception {
        byte[] farewell = "the server is full".getBytes(StandardCharsets.US_ASCII);
        loop.loop.listen(server, channel -> {
            write(channel, farewell);
            return null;
        });
        SocketChannel client = loop.connect(server);
        AtomicBoolean accepted = new AtomicBoolean();
        Await.until(
                "the connection was refused",
                accepted::get,
                () -> accepted.set(loop.dutyCycle() > 1 || accepted.get()));

        ByteBuffer bytes = ByteBuffer.allocate(100);
        while (client.read(bytes) >= 0) {
            assertTrue(bytes.hasRemaining());
        }
        assertEquals("the server is full", new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII));
    }

    @Test
    void shouldReportWhatTheFunctionThrewAndContinueAccepting() throws Exception {
        IllegalStateException thrown = new IllegalStateException("no listener today");
        loop.loop.listen(server, channel -> {
            if (loop.errors.isEmpty()) {
                throw thrown;
            }
            return listenerOf(channel);
        });
        SocketChannel unlucky = loop.connect(server);
        loop.dutyCyclesUntil("the failure was reported", () -> !loop.errors.isEmpty());
        assertSame(thrown, loop.errors.get(0));
        assertEquals(-1, unlucky.read(ByteBuffer.allocate(1)), "its connection is closed");

        loop.connect(server);
        loop.dutyCyclesUntil("the next one was accepted", () -> listener.opened.get() == 1);
        assertEquals(1, loop.errors.size());
    }

    @Test
    void shouldAcceptNoMoreWhenItsOwnerClosesTheSocket() throws Exception {
        loop.loop.listen(server, channel -> listenerOf(channel));
        SocketChannel client = loop.connect(server);
        loop.dutyCyclesUntil("the first was accepted", () -> listener.opened.get() == 1);
        SocketAddress address = server.getLocalAddress();

        server.close();
        for (int i = 0; i < 10; i++) {
            loop.dutyCycle();
        }

        try (SocketChannel late = SocketChannel.open()) {
            assertThrows(ConnectException.class, () -> late.connect(address));
        }
        assertEquals(List.of(), loop.errors);
        assertFalse(listener.isClosed(), "the sessions that it made stay open");
        client.close();
        loop.dutyCyclesUntil("the session ended", listener::isClosed);
    }

    @Test
    void shouldReportASocketThatIsClosedBeforeItIsAdmitted() throws Exception {
        loop.loop.listen(server, channel -> listenerOf(channel));
        server.close();

        loop.dutyCycle();

        assertTrue(loop.errors.size() <= 1, "no flood of errors: " + loop.errors);
        assertEquals(0, loop.dutyCycle());
        assertThrows(IOException.class, () -> loop.loop.listen(server, channel -> listenerOf(channel)));
    }

    private @Nullable SessionListener listenerOf(SocketChannel channel) {
        return channel.isConnected() ? listener : null;
    }

    private static boolean optionOf(SocketChannel channel) {
        try {
            return channel.getOption(StandardSocketOptions.TCP_NODELAY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) {
        try {
            channel.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
