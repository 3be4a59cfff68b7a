/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.tls;

import io.sendbuffer.benchmarks.net.Reader;
import io.sendbuffer.benchmarks.net.TlsKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import tlschannel.ClientTlsChannel;
import tlschannel.NeedsReadException;
import tlschannel.TlsChannel;

/** All clients. Checks each byte that comes. */
final class TlsReader extends Reader {
    private static final int BUFFER_BYTES = 64 << 10;

    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

    /** All connect before the first shakes hands: a server may accept them first. */
    private TlsReader(String[] args) throws IOException {
        super(Path.of(args[2]));
        SSLContext context = TlsKeys.clientContext();
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            channels.add(open(Integer.parseInt(args[0]), 0));
        }
        for (SocketChannel channel : channels) {
            receive(channel, new Client(shakeHands(channel, context)));
        }
    }

    public static void main(String[] args) throws IOException {
        new TlsReader(args).run();
    }

    private static TlsChannel shakeHands(SocketChannel channel, SSLContext context) throws IOException {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {TlsKeys.PROTOCOL});
        engine.setEnabledCipherSuites(new String[] {TlsKeys.SUITE});
        TlsChannel tls = ClientTlsChannel.newBuilder(channel, engine)
                .withReleaseBuffers(false)
                .build();
        tls.handshake();
        return tls;
    }

    private record Client(TlsChannel tls, StreamCheck check) {
        Client(TlsChannel tls) {
            this(tls, new StreamCheck());
        }
    }

    /** Reads until nothing is left: the selector does not know of what lies in the channel's own buffer. */
    @Override
    protected int read(SocketChannel channel, SelectionKey key) throws IOException {
        Client client = (Client) key.attachment();
        int total = 0;
        while (true) {
            try {
                int count = client.tls.read(buffer.clear());
                if (count < 0) {
                    return total > 0 ? total : count;
                }
                client.check.accept(
                        buffer.flip(), counters().messageBytes(), counters().tickMessages());
                total += count;
            } catch (NeedsReadException e) {
                return total;
            }
        }
    }
}
