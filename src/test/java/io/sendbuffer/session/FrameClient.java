/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** A blocking client that checks every byte it gets. For one thread, except for {@link #received()}. */
public final class FrameClient implements AutoCloseable {
    private static final int BUFFER = 16 << 10;

    private final SocketChannel channel;
    private final Sequences sequences;
    private final Frames.Parser parser = new Frames.Parser();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER);
    private final AtomicLong received = new AtomicLong();

    private FrameClient(SocketChannel channel, int senders) {
        this.channel = channel;
        this.sequences = new Sequences(Sequences.Rule.ALL, senders);
    }

    /** Connects a client that expects all messages of this many senders. */
    public static FrameClient connect(SocketAddress server, int senders) throws IOException {
        return new FrameClient(Loopback.connect(server, 0), senders);
    }

    /** Connects a client for which the kernel buffers few bytes. */
    public static FrameClient connectWithSmallBuffer(SocketAddress server, int senders) throws IOException {
        return new FrameClient(Loopback.connect(server, Loopback.SMALL), senders);
    }

    /** Reads text that comes before the messages. */
    public String readAscii(int length) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(length);
        while (text.hasRemaining()) {
            if (channel.read(text) < 0) {
                throw new EOFException("the connection ended after " + text.position() + " bytes");
            }
        }
        return new String(text.array(), StandardCharsets.US_ASCII);
    }

    /** Reads until this many messages, or a few more, have arrived. */
    public void readUntil(long messages) throws IOException {
        while (received.get() < messages) {
            if (!read()) {
                throw new EOFException("the connection ended after " + received + " messages");
            }
        }
    }

    /**
     * Reads until the other side ends the connection.
     *
     * @return the number of bytes of an incomplete message at the end
     */
    public int readToEnd() throws IOException {
        boolean more;
        do {
            more = read();
        } while (more);
        return bytes.position();
    }

    private boolean read() throws IOException {
        int count = channel.read(bytes);
        parser.parse(bytes.flip(), (sender, sequence) -> {
            sequences.add(sender, sequence);
            received.incrementAndGet();
        });
        bytes.compact();
        return count >= 0;
    }

    /** The number of whole, correct messages. Any thread may call it. */
    public long received() {
        return received.get();
    }

    /** Ends the connection as a crashed process does. */
    public void reset() throws IOException {
        Loopback.reset(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
