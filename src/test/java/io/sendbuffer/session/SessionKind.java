/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.samples.tls.TlsLayer;
import io.sendbuffer.session.tls.TlsIdentity;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Assumptions;

/** Every kind of session. The contract is checked for each of them. */
public enum SessionKind {
    LOOP_INLINE(Wiring.TCP),
    LOOP(Wiring.TCP),
    LOOP_UNIX(Wiring.UNIX),
    LOOP_GROUP(Wiring.TCP),
    LOOP_TLS(Wiring.TLS),
    LOOP_TLS_INLINE(Wiring.TLS),
    ASYNC(Wiring.TCP),
    BLOCKING_INLINE(Wiring.TCP),
    BLOCKING_WRITER(Wiring.TCP),
    BLOCKING_VIRTUAL(Wiring.TCP),
    BLOCKING_UNIX(Wiring.UNIX),
    BLOCKING_PIPE(Wiring.PIPE);

    private static final int LOOPS = 2;

    /** Room for a burst of connections, each of which would otherwise try again after a second. */
    private static final int BACKLOG = 256;

    private static final int MIN_JDK_WITH_VIRTUAL_THREADS = 21;

    public final Wiring wiring;

    SessionKind(Wiring wiring) {
        this.wiring = wiring;
    }

    /** Starts the host of sessions of this kind. */
    public KindHost start(HostSettings settings) throws IOException {
        return switch (this) {
            case LOOP_INLINE -> loop(settings, WriteMode.INLINE);
            case LOOP, LOOP_UNIX -> loop(settings, WriteMode.LOOP);
            case LOOP_GROUP -> loops(settings);
            case LOOP_TLS -> tlsLoop(settings, WriteMode.LOOP);
            case LOOP_TLS_INLINE -> tlsLoop(settings, WriteMode.INLINE);
            case ASYNC -> async(settings);
            case BLOCKING_INLINE, BLOCKING_UNIX ->
                blocking(settings, blockingBuilder().writeMode(WriteMode.INLINE));
            case BLOCKING_WRITER, BLOCKING_PIPE ->
                blocking(settings, blockingBuilder().writeMode(WriteMode.LOOP));
            case BLOCKING_VIRTUAL -> {
                Assumptions.assumeTrue(isSupported());
                yield blocking(settings, blockingBuilder().virtualThreads().writeMode(WriteMode.LOOP));
            }
        };
    }

    private static BlockingSessions.Builder blockingBuilder() {
        return BlockingSessions.builder();
    }

    private KindHost loop(HostSettings settings, WriteMode mode) throws IOException {
        SendLoop loop = settings.applyTo(SendLoop.builder().writeMode(mode).maxSelectTime(settings.maxSelectTime))
                .build();
        LoopRunner runner = loop.start();
        return new KindHost(
                this,
                settings,
                (connection, listener) -> loop.add(connection.socket(), listener),
                loop::connect,
                (address, listeners) -> loop.listen(serverAt(address), listeners),
                loop::sessionCount,
                runner::close);
    }

    private KindHost tlsLoop(HostSettings settings, WriteMode mode) throws IOException {
        SendLoop loop = settings.applyTo(SendLoop.builder().writeMode(mode).maxSelectTime(settings.maxSelectTime))
                .build();
        LoopRunner runner = loop.start();
        TlsIdentity identity = TlsIdentity.shared();
        SocketLayer.Factory server = TlsLayer.server(identity.serverContext());
        SocketLayer.Factory client = TlsLayer.client(identity.clientContext(), "127.0.0.1", 0);
        return new KindHost(
                this,
                settings,
                (connection, listener) -> loop.add(connection.socket(), server, listener),
                (address, listener) -> loop.connect(address, client, listener),
                (address, listeners) -> loop.listen(serverAt(address), server, listeners),
                loop::sessionCount,
                runner::close);
    }

    private KindHost loops(HostSettings settings) throws IOException {
        SendLoopGroup loops =
                SendLoopGroup.start(LOOPS, settings.applyTo(SendLoop.builder().maxSelectTime(settings.maxSelectTime)));
        return new KindHost(
                this,
                settings,
                (connection, listener) -> loops.add(connection.socket(), listener),
                loops::connect,
                (address, listeners) -> loops.listen(serverAt(address), listeners),
                loops::sessionCount,
                loops::close);
    }

    private KindHost async(HostSettings settings) throws IOException {
        AsyncSessions sessions = settings.applyTo(AsyncSessions.builder()).build();
        return new KindHost(
                this,
                settings,
                (connection, listener) -> sessions.add(connection.asynchronous(), listener),
                sessions::connect,
                (address, listeners) -> sessions.listen(sessions.bind(address, BACKLOG), listeners),
                sessions::sessionCount,
                sessions::close);
    }

    public KindHost blocking(HostSettings settings, BlockingSessions.Builder builder) {
        BlockingSessions sessions = settings.applyTo(builder).build();
        return new KindHost(
                this,
                settings,
                (connection, listener) -> wiring == Wiring.PIPE
                        ? sessions.addOutput(connection.sink(), listener)
                        : sessions.add(connection.socket(), listener),
                sessions::connect,
                (address, listeners) -> sessions.listen(serverAt(address), listeners),
                sessions::sessionCount,
                sessions::close);
    }

    /** A server socket of the address's kind. */
    public static ServerSocketChannel serverAt(SocketAddress address) throws IOException {
        ServerSocketChannel server = address instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        return server.bind(address, BACKLOG);
    }

    /** True if this JDK supports it. */
    public boolean isSupported() {
        return this != BLOCKING_VIRTUAL || Runtime.version().feature() >= MIN_JDK_WITH_VIRTUAL_THREADS;
    }

    public boolean isLoop() {
        return this == LOOP_INLINE || this == LOOP || this == LOOP_UNIX || this == LOOP_GROUP || wiring == Wiring.TLS;
    }

    /** True if the peer can send to the session. */
    public boolean hasInput() {
        return wiring != Wiring.PIPE;
    }

    /** True if the session can be made by connecting. */
    public boolean connects() {
        return wiring != Wiring.PIPE;
    }

    /** True if a connect returns before there is a connection. */
    public boolean connectsLater() {
        return this == ASYNC || isLoop();
    }

    /** True if a sender waits for the peer, so that an interrupt of it closes the channel. */
    public boolean interruptsCloseChannel() {
        return this == BLOCKING_INLINE || this == BLOCKING_UNIX;
    }
}
