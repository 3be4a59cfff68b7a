/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Await;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.Faults;
import io.sendbuffer.session.KindHost;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.SessionKind;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.Wiring;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/** Sessions of one kind over real channels, made in every way: added, connected, accepted. */
final class SoakKindHost extends SoakHost {
    private final SessionKind kind;
    private final @Nullable SoakLoops loops;
    private final KindHost host;
    private final Path connectDirectory = Files.createTempDirectory("soak");
    private final Path acceptDirectory = Files.createTempDirectory("soak");

    /** Guards connecting, one at a time, so that each connection is matched with its session. */
    private final Object connecting = new Object();

    /** The server that sessions connect to. */
    private final @Nullable ServerSocketChannel peerServer;

    /** The address that peers connect to. */
    private @Nullable SocketAddress sessionServer;

    /** The session to which the next accepted connection belongs. */
    private final AtomicReference<@Nullable SoakSession> nextAccepted = new AtomicReference<>();

    private SoakKindHost(
            String name, SessionKind kind, @Nullable SoakLoops loops, SoakPopulation population, SoakPeers peers)
            throws IOException {
        super(name, population, peers);
        this.kind = kind;
        this.loops = loops;
        SoakThreads threads = new SoakThreads(faults);
        this.host = loops != null ? loops.start(kind, settings) : start(threads);
        this.peerServer =
                kind.connects() ? SoakWires.listenForSessions(SoakWires.anyAddress(kind, connectDirectory)) : null;
        if (kind.connects()) {
            sessionServer = listen();
        }
        threads.beginToFail();
    }

    /** A host of this kind, with threads that fail where threads can be supplied. */
    static SoakHost of(SessionKind kind, SoakPopulation population, SoakPeers peers) throws IOException {
        return new SoakKindHost(kind.name(), kind, null, population, peers);
    }

    /** A host of loops that die. */
    static SoakHost dying(WriteMode mode, SoakPopulation population, SoakPeers peers) throws IOException {
        SoakLoops loops = new SoakLoops(population.tally, population.faults, mode);
        return new SoakKindHost("DYING_LOOPS_" + mode, SessionKind.LOOP_GROUP, loops, population, peers);
    }

    private KindHost start(SoakThreads threads) throws IOException {
        return switch (kind) {
            case BLOCKING_INLINE, BLOCKING_UNIX -> startBlocking(threads, WriteMode.INLINE);
            case BLOCKING_WRITER, BLOCKING_PIPE -> startBlocking(threads, WriteMode.LOOP);
            default -> kind.start(settings);
        };
    }

    private KindHost startBlocking(SoakThreads threads, WriteMode mode) {
        return kind.blocking(
                settings, BlockingSessions.builder().threads(threads).writeMode(mode));
    }

    private SocketAddress listen() throws IOException {
        SocketAddress address = SoakWires.anyAddress(kind, acceptDirectory);
        if (kind.wiring == Wiring.TCP) {
            try (ServerSocketChannel free = SessionKind.serverAt(address)) {
                address = free.getLocalAddress();
            }
        }
        host.listen(address, this::listenerFor);
        return address;
    }

    private @Nullable SessionListener listenerFor(Channel connection) throws IOException {
        SoakWires.keepLittle(connection);
        SoakSession expected = nextAccepted.getAndSet(null);
        if (expected == null) {
            tally.require(isClosing(), "an unexpected connection on " + name());
            return null;
        }
        if (faults.now(SoakFault.LISTENER_FACTORY_REFUSES)) {
            expected.notMade(null);
            return null;
        }
        if (faults.now(SoakFault.LISTENER_FACTORY_THROWS)) {
            expected.notMade(null);
            throw Faults.<RuntimeException>sneaky(faults.make(SoakFault.LISTENER_FACTORY_THROWS));
        }
        SoakErrors.making(expected);
        return expected;
    }

    @Override
    boolean waits() {
        return kind.interruptsCloseChannel();
    }

    @Override
    boolean canSubscribe() {
        return kind.isLoop();
    }

    @Override
    void open(SoakSession listener, SplittableRandom random) throws Exception {
        ReadableByteChannel peer = switch (kind.connects() ? random.nextInt(3) : 0) {
            case 0 -> add(listener);
            case 1 -> connect(listener);
            default -> accept(listener);
        };
        if (peer == null) {
            listener.streamEnded(); // ended before it was connected
        } else {
            peers.add(new SoakPeer(listener, peer, random.split()));
        }
    }

    private ReadableByteChannel add(SoakSession listener) throws IOException {
        PeerWire wire = PeerWire.open(kind);
        try {
            listener.join(host.add(wire, listener));
        } catch (Throwable e) {
            refused(listener, e);
            CloseHelper.quietClose(wire.ours); // the caller keeps the channel if it is not taken
        }
        return wire.peer();
    }

    /** Checks what is thrown where a session is to be made: by the soak, or by a host that is closed or has died. */
    private void refused(SoakSession listener, Throwable why) {
        boolean ofDead = killed(why.getCause());
        if (!SoakErrors.isOfThreads(why) && !(SoakErrors.isRefusal(why) && (isClosing() || ofDead))) {
            throw new AssertionError(name() + " refused a session", why);
        }
        if (loops != null && loops.areAllKilled() && !wasAskedToClose() && !ofDead) {
            throw new AssertionError(name() + " refused a session without the cause", why);
        }
        listener.notMade(why);
    }

    private @Nullable ReadableByteChannel connect(SoakSession listener) throws Exception {
        ServerSocketChannel server = peerServer;
        if (server == null) {
            throw new IllegalStateException("nowhere to connect to");
        }
        synchronized (connecting) {
            try {
                listener.join(host.connect(server.getLocalAddress(), listener));
            } catch (Throwable e) {
                refused(listener, e);
            }
            AtomicReference<@Nullable SocketChannel> accepted = new AtomicReference<>();
            Await.until("the session connected", () -> accepted.get() != null || listener.hasEnded(), () -> {
                accepted.set(server.accept());
            });
            // A session that ended first may have connected before that, or else never will.
            SocketChannel peer = accepted.get() != null ? accepted.get() : server.accept();
            if (peer != null) {
                peer.configureBlocking(false);
            }
            return peer;
        }
    }

    private @Nullable ReadableByteChannel accept(SoakSession listener) throws Exception {
        SocketAddress server = sessionServer;
        if (server == null) {
            throw new IllegalStateException("nowhere to connect to");
        }
        synchronized (connecting) {
            nextAccepted.set(listener);
            SocketChannel peer = null;
            try {
                peer = SoakWires.connectPeer(server);
            } catch (IOException e) {
                if (!isClosing()) {
                    throw e;
                }
            }
            Await.until("the connection was accepted", () -> nextAccepted.get() == null || isClosing());
            if (nextAccepted.compareAndSet(listener, null)) {
                listener.notMade(null); // everything is closed, the listening socket too
                CloseHelper.quietClose(peer);
                return null;
            }
            return peer;
        }
    }

    // ---- what dies

    @Override
    void kill(SplittableRandom random) {
        if (loops == null || isClosing()) {
            return;
        }
        if (loops.areFew() && faults.now(SoakFault.ALL_LOOPS_DIE)) {
            beginToClose();
            loops.killAll();
        } else {
            loops.killOne(random);
        }
    }

    @Override
    boolean killed(@Nullable Throwable why) {
        return why != null && loops != null && loops.killedBy(why);
    }

    @Override
    boolean wasFailing() {
        return loops != null && loops.wereFailing();
    }

    @Override
    int sessionCount() {
        return host.sessionCount();
    }

    @Override
    void closeSessions() {
        host.closeSessions();
    }

    @Override
    void requireEnded() {
        if (loops != null) {
            loops.requireEnded();
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        if (peerServer != null) {
            peerServer.close();
        }
    }

    @Override
    void deleteFiles() throws IOException {
        SoakWires.delete(connectDirectory);
        SoakWires.delete(acceptDirectory);
    }
}
