/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.AsyncSessions;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionInternals;
import io.sendbuffer.session.SessionKind;
import io.sendbuffer.session.Wiring;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernel's send buffer of every session socket has the configured size, or the system's default. */
@Timeout(30)
@ParameterizedClass
@EnumSource(SessionKind.class)
class SendBufferSizeIT extends ContractTest {
    private static final int SIZE = 48 << 10;

    SendBufferSizeIT(SessionKind kind) {
        super(kind);
    }

    @Test
    void shouldSetTheSendBufferOfASocketThatIsAdded() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        restart(new HostSettings().sendBufferSize(SIZE));
        PeerWire wire = host.wire();
        ((NetworkChannel) wire.ours).setOption(StandardSocketOptions.SO_SNDBUF, SIZE / 4);
        host.add(wire, listener);
        awaitOpened();
        requireAbout(SIZE, sizeOf(wire.ours));
    }

    /** By default the backlog is in the queue, where limits and timeouts see it. */
    @Test
    void shouldBoundTheSendBufferByDefault() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        ((NetworkChannel) wire.ours).setOption(StandardSocketOptions.SO_SNDBUF, 1 << 20);
        host.add(wire, listener);
        awaitOpened();
        requireAbout(kind.isLoop() ? 128 << 10 : 64 << 10, sizeOf(wire.ours));
    }

    @Test
    void shouldLeaveTheSendBufferOfASocketThatIsAddedWhenTheSizeIsZero() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        restart(new HostSettings().sendBufferSize(0));
        PeerWire wire = host.wire();
        int before = sizeOf(wire.ours);
        host.add(wire, listener);
        awaitOpened();
        assertEquals(before, sizeOf(wire.ours));
    }

    @Test
    void shouldSetTheSendBufferOfASocketThatIsAccepted() throws Exception {
        Assumptions.assumeTrue(kind.wiring == Wiring.TCP, "connects to an internet address");
        restart(new HostSettings().sendBufferSize(SIZE));
        AtomicInteger size = new AtomicInteger();
        InetSocketAddress address = freeAddress();
        host.listen(address, connection -> {
            size.set(sizeOf(connection));
            return listener;
        });
        try (SocketChannel client = SocketChannel.open(address)) {
            awaitOpened();
            requireAbout(SIZE, size.get()); // set before the factory may send a farewell
            client.close();
            awaitClosed();
        }
    }

    @Test
    void shouldSetTheSendBufferOfASocketThatConnects() throws Exception {
        Assumptions.assumeTrue(kind.wiring == Wiring.TCP, "connects to an internet address");
        restart(new HostSettings().sendBufferSize(SIZE));
        try (ServerSocketChannel server = Loopback.listen(1)) {
            Session session = host.connect(server.getLocalAddress(), listener);
            awaitOpened();
            requireAbout(SIZE, sizeOf(SessionInternals.channelOf(session)));
        }
    }

    @Test
    void shouldRefuseSizesThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> SendLoop.builder().sendBufferSize(-1));
        assertThrows(
                IllegalArgumentException.class, () -> AsyncSessions.builder().sendBufferSize(-1));
        assertThrows(
                IllegalArgumentException.class, () -> BlockingSessions.builder().sendBufferSize(-1));
    }

    /** Linux doubles the size that is set, and returns the doubled size. */
    private static void requireAbout(int size, int seen) {
        assertTrue(seen == size || seen == 2 * size, () -> "SO_SNDBUF is " + seen);
    }

    private static int sizeOf(Channel channel) throws IOException {
        return ((NetworkChannel) channel).getOption(StandardSocketOptions.SO_SNDBUF);
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (ServerSocketChannel server = Loopback.listen(1)) {
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }
    }
}
