/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.tls;

import io.sendbuffer.session.SocketLayer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import tlschannel.ClientTlsChannel;
import tlschannel.NeedsReadException;
import tlschannel.NeedsWriteException;
import tlschannel.ServerTlsChannel;
import tlschannel.TlsChannel;

/**
 * TLS for the sessions of a {@code SendLoop}: a {@link TlsChannel}, with its exceptions mapped to what the loop waits
 * for.
 *
 * <pre>{@code
 * loop.listen(server, TlsLayer.server(context), connection -> new Player());
 * }</pre>
 *
 * <p>The engine's delegated tasks, a signature for one, run on the loop's thread. They take about a millisecond for
 * each handshake; a server that expects thousands of clients at once uses several loops.
 */
public final class TlsLayer implements SocketLayer {
    private static final ByteBuffer NOTHING_TO_WRITE = ByteBuffer.allocate(0);

    private final TlsWire wire;
    private final TlsChannel tls;
    private Need inputNeeds = Need.READABLE;
    private volatile Need outputNeeds = Need.NOTHING;

    private TlsLayer(TlsWire wire, TlsChannel tls) {
        this.wire = wire;
        this.tls = tls;
    }

    /**
     * The server's end of connections, which share a few buffers.
     *
     * @param context with the server's key
     */
    public static Factory server(SSLContext context) {
        TlsBuffers buffers = new TlsBuffers();
        return socket -> {
            TlsWire wire = new TlsWire(socket);
            ServerTlsChannel.Builder builder = ServerTlsChannel.newBuilder(wire, context);
            return new TlsLayer(
                    wire, builder.withEncryptedBufferAllocator(buffers).build());
        };
    }

    /** The client's end of a connection to a host, whose certificate has to be for that name. */
    public static Factory client(SSLContext context, String host, int port) {
        TlsBuffers buffers = new TlsBuffers();
        return socket -> {
            SSLEngine engine = context.createSSLEngine(host, port);
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            TlsWire wire = new TlsWire(socket);
            ClientTlsChannel.Builder builder = ClientTlsChannel.newBuilder(wire, engine);
            return new TlsLayer(
                    wire, builder.withEncryptedBufferAllocator(buffers).build());
        };
    }

    /** What the two ends agreed on, the peer's certificate for one, is in its session. */
    public SSLEngine engine() {
        return tls.getSslEngine();
    }

    /** Whether the peer itself ended its stream. Ask when the input ended: an attacker may have ended it. */
    public boolean peerSaidGoodbye() {
        return tls.shutdownReceived();
    }

    @Override
    public Need handshake() throws IOException {
        try {
            tls.handshake();
            return Need.NOTHING;
        } catch (NeedsReadException e) {
            return Need.READABLE;
        } catch (NeedsWriteException e) {
            wire.throwIfFailed();
            return Need.WRITABLE;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            return tls.read(target);
        } catch (NeedsReadException e) {
            inputNeeds = Need.READABLE;
        } catch (NeedsWriteException e) {
            wire.throwIfFailed();
            inputNeeds = Need.WRITABLE;
        }
        return 0;
    }

    @Override
    public Need inputNeeds() {
        return inputNeeds;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long before = remaining(sources, offset, length);
        outputNeeds = writeOrSayWhatItNeeds(sources, offset, length);
        long taken = before - remaining(sources, offset, length); // what it throws says nothing of that
        if (taken == 0) {
            wire.throwIfFailed(); // or else the next write throws it: what was taken counts as written
        }
        if (outputNeeds == Need.NOTHING && taken < before) {
            throw tls.shutdownReceived()
                    ? new EOFException("the peer ended the connection, and before TLS 1.3 that ends both directions")
                    : new ClosedChannelException();
        }
        return taken;
    }

    private Need writeOrSayWhatItNeeds(ByteBuffer[] sources, int offset, int length) throws IOException {
        try {
            tls.write(sources, offset, length);
            return Need.NOTHING;
        } catch (NeedsReadException e) {
            return Need.READABLE;
        } catch (NeedsWriteException e) {
            return Need.WRITABLE;
        }
    }

    private static long remaining(ByteBuffer[] buffers, int offset, int length) {
        long sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += buffers[i].remaining();
        }
        return sum;
    }

    @Override
    public Need outputNeeds() {
        return outputNeeds;
    }

    @Override
    public Need flush() throws IOException {
        outputNeeds = writeOrSayWhatItNeeds(new ByteBuffer[] {NOTHING_TO_WRITE}, 0, 1);
        wire.throwIfFailed();
        return outputNeeds;
    }

    @Override
    public Need endOutput() throws IOException {
        if (!tls.shutdownSent()) {
            wire.keepRest();
            tls.shutdown(); // sends the close_notify, and does not wait for the peer's
        }
        wire.throwIfFailed();
        return wire.writeRest() ? Need.NOTHING : Need.WRITABLE;
    }

    /** Sends no close_notify: the socket is closed. */
    @Override
    public void close() throws IOException {
        tls.close();
    }
}
