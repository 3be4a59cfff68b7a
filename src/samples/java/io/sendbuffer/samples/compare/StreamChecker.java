/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameFormat;
import io.sendbuffer.frame.FrameReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.zip.CRC32C;

/** One client: parses a stream and checks every byte of every message, and their order. */
final class StreamChecker implements Closeable {
    private static final FrameFormat MESSAGES =
            FrameFormat.lengthField(4).countsWholeFrame().maxLength(1 << 20).whole();

    private final SocketChannel channel;
    private final PhaseTally tally;
    private final CRC32C crc = new CRC32C();
    private final FrameReader messages;

    private long receivedAt;
    private long nextSequence;

    /** Keeps the incomplete message at the end of a read in the pool. */
    StreamChecker(SocketChannel channel, PhaseTally tally, SendBufferPool pool) {
        this.channel = channel;
        this.tally = tally;
        this.messages = MESSAGES.reader(pool, this::check);
    }

    /** Reads once, and checks the complete messages. The clients of a thread share the buffer. */
    void receive(ByteBuffer in) throws IOException {
        if (channel.read(in.clear()) < 0) {
            throw new EOFException("the server closed a connection after " + nextSequence + " messages");
        }
        receivedAt = System.nanoTime();
        messages.read(in.flip());
    }

    private void check(ByteBuffer message) {
        int at = message.position();
        int length = message.remaining();
        if (length < WireMessage.HEADER_BYTES) {
            throw new IllegalStateException("a message of " + length + " bytes: the stream is out of step");
        }
        boolean intact = WireMessage.isIntact(message, at, length, crc);
        boolean inOrder = WireMessage.sequence(message, at) == nextSequence;
        nextSequence = WireMessage.sequence(message, at) + 1;
        tally.count(
                WireMessage.phase(message, at),
                intact && inOrder,
                receivedAt - WireMessage.sentAtNanos(message, at),
                WireMessage.isLast(message, at));
    }

    @Override
    public void close() throws IOException {
        messages.close();
        channel.close();
    }
}
