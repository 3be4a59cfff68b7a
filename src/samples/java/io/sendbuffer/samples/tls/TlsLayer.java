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
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
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

    /** Two records of an alert each, beside the room for a whole record that the engine wants. */
    private static final int ROOM_FOR_ALERTS = 256;

    private final TlsWire wire;
    private final TlsChannel tls;
    private final TlsBuffers buffers;
    private Need inputNeeds = Need.READABLE;
    private volatile Need outputNeeds = Need.NOTHING;

    private TlsLayer(TlsWire wire, TlsChannel tls, TlsBuffers buffers) {
        this.wire = wire;
        this.tls = tls;
        this.buffers = buffers;
    }

    /**
     * The server's end of connections, which share a few buffers.
     *
     * @param context with the server's key
     */
    public static Factory server(SSLContext context) {
        return new Layers(
                new TlsBuffers(),
                (wire, buffers) -> ServerTlsChannel.newBuilder(wire, context)
                        .withEncryptedBufferAllocator(buffers)
                        .build());
    }

    /** The client's end of a connection to a host, whose certificate has to be for that name. */
    public static Factory client(SSLContext context, String host, int port) {
        return new Layers(new TlsBuffers(), (wire, buffers) -> {
            SSLEngine engine = context.createSSLEngine(host, port);
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            return ClientTlsChannel.newBuilder(wire, engine)
                    .withEncryptedBufferAllocator(buffers)
                    .build();
        });
    }

    private interface ChannelMaker {
        TlsChannel over(TlsWire wire, TlsBuffers buffers);
    }

    private record Layers(TlsBuffers buffers, ChannelMaker maker) implements Factory {
        @Override
        public SocketLayer layerOver(SocketChannel socket) {
            TlsWire wire = new TlsWire(socket);
            return new TlsLayer(wire, maker.over(wire, buffers), buffers);
        }

        @Override
        public boolean keepsInput() {
            return true;
        }
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

    /**
     * Sends the close_notify, and does not wait for the peer's. By the engine itself: a {@link TlsChannel} that has
     * shut down reads nothing more, and here a peer of TLS 1.3 may keep sending. One of TLS 1.2 has to answer with a
     * close_notify of its own; what it sent before is read.
     */
    @Override
    public Need endOutput() throws IOException {
        SSLEngine engine = tls.getSslEngine();
        if (!engine.isOutboundDone()) {
            Need need = flush(); // what a read had to write, such as a key update
            if (need != Need.NOTHING) {
                return need;
            }
            engine.closeOutbound();
            wire.keepRest();
            writeAlerts(engine);
        }
        wire.throwIfFailed();
        return wire.writeRest() ? Need.NOTHING : Need.WRITABLE;
    }

    private void writeAlerts(SSLEngine engine) throws IOException {
        ByteBuffer alerts = buffers.allocate(engine.getSession().getPacketBufferSize() + ROOM_FOR_ALERTS);
        try {
            SSLEngineResult result;
            do {
                result = engine.wrap(NOTHING_TO_WRITE, alerts);
            } while (result.bytesProduced() > 0 && !engine.isOutboundDone());
            wire.write(alerts.flip());
        } finally {
            buffers.free(alerts);
        }
    }

    /** Sends no close_notify: the socket is closed. */
    @Override
    public void close() throws IOException {
        tls.close();
    }
}
