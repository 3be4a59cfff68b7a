/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What may be done only once fails with a clear message when it is done again. */
@Timeout(30)
class TwiceTest {
    private static final SessionListener LISTENER = new SessionListener() {};

    @Test
    void shouldRefuseToStartALoopTwiceOrAfterItsEnd() throws Exception {
        SendLoop loop = SendLoop.builder().build();
        try (LoopRunner runner = loop.start()) {
            requireMessage("the loop was started already; a loop has one thread", loop::start);
            assertEquals(loop, runner.loop());
        }
        requireMessage("the loop is closed; use a running one", loop::start);
    }

    @Test
    void shouldRefuseToListenTwiceOnALoop() throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(WriteMode.LOOP)) {
            ServerSocketChannel server = loop.listen();
            loop.loop.listen(server, connection -> LISTENER);
            loop.dutyCycle();
            requireMessage(
                    "the loop listens on that socket already", () -> loop.loop.listen(server, connection -> LISTENER));
        }
    }

    @Test
    void shouldRefuseToListenTwiceWithoutALoop() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (AsyncSessions sessions = AsyncSessions.builder().build()) {
            AsynchronousServerSocketChannel server = sessions.bind(any);
            sessions.listen(server, connection -> LISTENER);
            requireMessage(
                    "these sessions listen on that socket already",
                    () -> sessions.listen(server, connection -> LISTENER));
        }
        try (BlockingSessions sessions = BlockingSessions.builder().build();
                ServerSocketChannel server = ServerSocketChannel.open().bind(any)) {
            sessions.listen(server, connection -> LISTENER);
            requireMessage(
                    "these sessions listen on that socket already",
                    () -> sessions.listen(server, connection -> LISTENER));
        }
    }

    @Test
    void shouldRefuseAChannelThatHasASessionAlready() throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(WriteMode.LOOP)) {
            Loopback connection = loop.connect();
            loop.open(connection, LISTENER);
            requireMessage(
                    "the channel has a session on this loop already", () -> loop.loop.add(connection.ours, LISTENER));
        }
    }

    @Test
    @SuppressWarnings("NullAway") // passes null, as a caller without null checks may
    void shouldNameTheListenerThatIsMissing() throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(WriteMode.LOOP)) {
            Loopback connection = loop.connect();
            NullPointerException missing =
                    assertThrows(NullPointerException.class, () -> loop.loop.add(connection.ours, null));
            assertEquals("listener", missing.getMessage());
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void requireMessage(String expected, Call call) {
        IllegalStateException refusal = assertThrows(IllegalStateException.class, call::run);
        assertEquals(expected, refusal.getMessage());
    }
}
