/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntSupplier;
import org.agrona.CloseHelper;

/** The host of sessions of one kind, and the connections that the test made. */
public final class KindHost implements AutoCloseable {
    private final SessionKind kind;
    private final HostSettings settings;
    private final Adder adder;
    private final Connector connector;
    private final Listening listening;
    private final IntSupplier sessionCount;
    private final Runnable closer;
    private final Deque<PeerWire> wires = new ArrayDeque<>();

    public interface Adder {
        Session add(PeerWire wire, SessionListener listener) throws IOException;
    }

    public interface Connector {
        Session connect(SocketAddress server, SessionListener listener) throws IOException;
    }

    /** How connections to a server socket of the host become sessions. */
    public interface Listening {
        /** Listens on an address. */
        void listen(SocketAddress address, SessionListener.Factory<Channel> listeners) throws IOException;
    }

    public KindHost(
            SessionKind kind,
            HostSettings settings,
            Adder adder,
            Connector connector,
            Listening listening,
            IntSupplier sessionCount,
            Runnable closer) {
        this.kind = kind;
        this.settings = settings;
        this.adder = adder;
        this.connector = connector;
        this.listening = listening;
        this.sessionCount = sessionCount;
        this.closer = closer;
    }

    /** A placeholder until a host is started. */
    public static KindHost none(SessionKind kind) {
        return new KindHost(
                kind,
                new HostSettings(),
                (wire, listener) -> {
                    throw new IllegalStateException("not started");
                },
                (server, listener) -> {
                    throw new IllegalStateException("not started");
                },
                (address, listeners) -> {
                    throw new IllegalStateException("not started");
                },
                () -> 0,
                () -> {});
    }

    /**
     * Opens a connection, with small buffers where they can be set, so that a peer that does not read is soon noticed.
     */
    public PeerWire wire() throws IOException {
        PeerWire wire = PeerWire.open(kind);
        wires.add(wire);
        return wire;
    }

    public Session add(PeerWire wire, SessionListener listener) throws IOException {
        return adder.add(wire, listener);
    }

    public Session connect(SocketAddress server, SessionListener listener) throws IOException {
        return connector.connect(server, listener);
    }

    public void listen(SocketAddress address, SessionListener.Factory<Channel> listeners) throws IOException {
        listening.listen(address, listeners);
    }

    public HostSettings settings() {
        return settings;
    }

    public int sessionCount() {
        return sessionCount.getAsInt();
    }

    /** Closes the sessions; the peers stay. */
    public void closeSessions() {
        closer.run();
    }

    /** The peers end their output, as clients do when they are done: a close need not wait a second for them. */
    public void endPeers() {
        wires.forEach(PeerWire::endOutputIfOpen);
    }

    @Override
    public void close() {
        closer.run();
        CloseHelper.closeAll(wires);
    }
}
