/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.Sequences;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client that sends its number, keeps sending, and checks every message that it gets. */
class TlsClient implements AutoCloseable {
    /** The length of what a client sends: more than a TLS record, and more than a session's receive buffer. */
    static final int SPEECH = 40_000;

    private static final int RECEIVE_BUFFER = 64 << 10;

    final int index;
    final AtomicInteger received = new AtomicInteger();

    private final OutputStream output;
    private final Future<Integer> reading;

    /** How the stream ended, unless properly. */
    private volatile @Nullable IOException failure;

    /** A client in any program. */
    TlsClient(int index, InputStream input, OutputStream output) throws IOException {
        this.index = index;
        this.output = output;
        this.reading = Threads.start(() -> readUntilTheEnd(input));
        output.write(ByteBuffer.allocate(Integer.BYTES).putInt(index).array());
        output.flush();
    }

    /** Sends what {@link #requireSpeech} expects. */
    void speak() throws IOException {
        output.write(speechOf(index));
        output.flush();
    }

    /** What the client of this number sends. */
    static byte[] speechOf(int index) {
        byte[] speech = new byte[SPEECH];
        for (int i = 0; i < speech.length; i++) {
            speech[i] = spoken(index, i);
        }
        return speech;
    }

    private static byte spoken(int index, int place) {
        return (byte) (index + place * 31);
    }

    /** Checks the next bytes that a client sent; returns how many there were until now. */
    static int requireSpeech(int index, int from, ByteBuffer bytes) {
        int place = from;
        while (bytes.hasRemaining()) {
            assertEquals(spoken(index, place), bytes.get(), "byte " + place + " that client " + index + " sent");
            place++;
        }
        return place;
    }

    private int readUntilTheEnd(InputStream input) {
        Frames.Parser parser = new Frames.Parser();
        Sequences sequences = new Sequences(Sequences.Rule.ALL, 1);
        ByteBuffer bytes = ByteBuffer.allocate(RECEIVE_BUFFER);
        try {
            int count = input.read(bytes.array());
            while (count >= 0) {
                bytes.limit(bytes.position() + count).position(0);
                parser.parse(bytes, (sender, sequence) -> {
                    sequences.add(sender, sequence);
                    received.incrementAndGet();
                });
                bytes.compact();
                count = input.read(bytes.array(), bytes.position(), bytes.remaining());
            }
        } catch (IOException e) {
            failure = e;
        }
        return bytes.position();
    }

    void awaitReceived(int messages) throws Exception {
        Await.until("client " + index + " has " + messages + " messages", () -> {
            requireNoFailure();
            return received.get() >= messages;
        });
        assertEquals(messages, received.get(), "messages that client " + index + " got");
    }

    /** Waits for the end of the stream, which must be a proper one, after a whole message. */
    void awaitProperEnd() throws Exception {
        int rest = awaitEnd();
        requireNoFailure();
        assertEquals(0, rest, "bytes of an incomplete message");
    }

    /** Waits for the end of the stream, of whatever kind; throws what was wrong with the messages. */
    final int awaitEnd() {
        return Threads.join(reading);
    }

    final IOException failureOfReading() {
        IOException e = failure;
        return e != null ? e : new IOException("the thread that reads has met no failure, received " + received);
    }

    private void requireNoFailure() {
        IOException e = failure;
        if (e != null) {
            throw new AssertionError("client " + index + " failed", e);
        }
    }

    @Override
    public void close() throws IOException {
        output.close();
    }

    /** Java's own client. */
    static final class Java extends TlsClient {
        private final Socket tcp;
        private final SSLSocket socket;
        private final SocketAddress localAddress;

        private Java(int index, Socket tcp, SSLSocket socket) throws IOException {
            super(index, socket.getInputStream(), socket.getOutputStream());
            this.tcp = tcp;
            this.socket = socket;
            this.localAddress = tcp.getLocalSocketAddress();
        }

        /** The address that the server sees as its peer. Known after the end too. */
        SocketAddress localAddress() {
            return localAddress;
        }

        /** Connects, and checks that the certificate is that of the server. */
        static Java connect(ServerSocketChannel server, SSLContext context, String protocol, int index)
                throws IOException {
            Socket tcp = new Socket();
            tcp.setReceiveBufferSize(Loopback.SMALL);
            tcp.connect(server.getLocalAddress());
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(tcp, "127.0.0.1", tcp.getPort(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertEquals(protocol, socket.getSession().getProtocol());
            return new Java(index, tcp, socket);
        }

        /** Asks for new keys, with TLS 1.2 in a whole new handshake, while messages come and go. */
        void renewKeys() throws IOException {
            try {
                socket.startHandshake();
            } catch (IOException e) {
                e.addSuppressed(failureOfReading()); // says more
                throw e;
            }
        }

        /** Announces, with a close_notify, that it sends nothing more. */
        void leave() throws IOException {
            socket.shutdownOutput();
        }

        /** Ends the connection below TLS. */
        void drop() throws IOException {
            tcp.setSoLinger(true, 0);
            tcp.close();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
