/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Sequences;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import tlschannel.TlsChannel;

/** A client of TLS 1.2 with the number 0 and one thread, which negotiates again while it reads. Checks each message. */
final class NegotiatingClient implements AutoCloseable {
    private final TlsChannel tls;
    private final Frames.Parser parser = new Frames.Parser();
    private final Sequences sequences = new Sequences(Sequences.Rule.ALL, 1);
    private final ByteBuffer bytes = ByteBuffer.allocate(64 << 10);
    private int received;

    /** Over a blocking socket. */
    NegotiatingClient(TlsChannel tls) throws IOException {
        this.tls = tls;
        tls.write(ByteBuffer.allocate(Integer.BYTES));
    }

    /** Returns when the handshake is over, and another message has come. More have to come meanwhile. */
    void negotiateAgain() throws IOException {
        SSLEngine engine = tls.getSslEngine();
        int before = received;
        engine.beginHandshake();
        while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING || received == before) {
            read();
        }
    }

    /** Reads until this many messages have come. */
    void readUntil(IntSupplier messages) throws IOException {
        while (received < messages.getAsInt()) {
            read();
        }
    }

    private void read() throws IOException {
        if (tls.read(bytes) < 0) {
            throw new EOFException("after " + received + " messages");
        }
        parser.parse(bytes.flip(), (sender, sequence) -> {
            sequences.add(sender, sequence);
            received++;
        });
        bytes.compact();
    }

    void speak() throws IOException {
        tls.write(ByteBuffer.wrap(TlsClient.speechOf(0)));
    }

    @Override
    public void close() throws IOException {
        tls.close();
    }
}
