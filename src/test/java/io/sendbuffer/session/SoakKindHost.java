package io.sendbuffer.session;

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
import org.jspecify.annotations.Nullable;

/** Sessions of one kind over real channels, made in every way: added, connected, accepted. */
final class SoakKindHost implements SoakHost {
    private final SessionKind kind;
    private final SoakTally tally;
    private final SoakPeers peers;
    private final HostSettings settings = SoakHost.settings();
    private final SessionHost host;
    private final Path connectDirectory = Files.createTempDirectory("soak");
    private final Path acceptDirectory = Files.createTempDirectory("soak");

    /** One at a time connects, so that it is known who belongs to whom. */
    private final Object connecting = new Object();

    /** Where sessions connect to. */
    private final @Nullable ServerSocketChannel peerServer;

    /** Where peers connect to. */
    private @Nullable SocketAddress sessionServer;

    /** Whom the next connection that is accepted belongs to. */
    private final AtomicReference<@Nullable SoakSession> nextAccepted = new AtomicReference<>();

    SoakKindHost(SessionKind kind, SoakTally tally, SoakPeers peers) throws IOException {
        this.kind = kind;
        this.tally = tally;
        this.peers = peers;
        this.host = kind.start(settings);
        this.peerServer =
                kind.connects() ? SoakWires.listenForSessions(SoakWires.anyAddress(kind, connectDirectory)) : null;
        if (kind.connects()) {
            sessionServer = listen();
        }
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
        tally.require(expected != null, "a connection of nobody on " + kind);
        return expected;
    }

    @Override
    public String name() {
        return kind.name();
    }

    @Override
    public boolean waits() {
        return kind.interruptsCloseChannel();
    }

    @Override
    public void open(SoakSession listener, SplittableRandom random) throws Exception {
        ReadableByteChannel peer =
                switch (kind.connects() ? random.nextInt(3) : 0) {
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
        Wire wire = Wire.open(kind);
        listener.join(host.add(wire, listener));
        return wire.peer();
    }

    private @Nullable ReadableByteChannel connect(SoakSession listener) throws Exception {
        ServerSocketChannel server = peerServer;
        if (server == null) {
            throw new IllegalStateException("nowhere to connect to");
        }
        synchronized (connecting) {
            listener.join(host.connect(server.getLocalAddress(), listener));
            AtomicReference<@Nullable SocketChannel> accepted = new AtomicReference<>();
            Await.until("the session connected", () -> accepted.get() != null || listener.hasEnded(), () -> {
                accepted.set(server.accept());
            });
            // Who ended first may have connected before that, or else never will.
            SocketChannel peer = accepted.get() != null ? accepted.get() : server.accept();
            if (peer != null) {
                peer.configureBlocking(false);
            }
            return peer;
        }
    }

    private ReadableByteChannel accept(SoakSession listener) throws Exception {
        SocketAddress server = sessionServer;
        if (server == null) {
            throw new IllegalStateException("nowhere to connect to");
        }
        synchronized (connecting) {
            nextAccepted.set(listener);
            SocketChannel peer = SoakWires.connectPeer(server);
            Await.until("the connection was accepted", () -> nextAccepted.get() == null);
            return peer;
        }
    }

    @Override
    public int sessionCount() {
        return host.sessionCount();
    }

    @Override
    public HostSettings hostSettings() {
        return settings;
    }

    @Override
    public void close() throws IOException {
        host.close();
        if (peerServer != null) {
            peerServer.close();
        }
    }

    @Override
    public void deleteFiles() throws IOException {
        SoakWires.delete(connectDirectory);
        SoakWires.delete(acceptDirectory);
    }
}
