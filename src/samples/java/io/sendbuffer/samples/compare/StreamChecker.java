/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.zip.CRC32C;

/** One client: parses a stream and checks every byte of every message, and their order. */
final class StreamChecker {
    private static final int MAX_MESSAGE = 1 << 20;

    private final SocketChannel channel;
    private final PhaseTally tally;
    private final CRC32C crc = new CRC32C();

    /** The incomplete message at the end of the last read. */
    private byte[] rest = new byte[256];

    private int restLength;
    private long nextSequence;

    StreamChecker(SocketChannel channel, PhaseTally tally) {
        this.channel = channel;
        this.tally = tally;
    }

    /** Reads once, and checks the complete messages. The clients of a thread share the buffer. */
    void receive(ByteBuffer in) throws IOException {
        in.clear().put(rest, 0, restLength);
        if (channel.read(in) < 0) {
            throw new EOFException("the server closed a connection after " + nextSequence + " messages");
        }
        long receivedAt = System.nanoTime();
        int end = in.position();
        int at = 0;
        while (end - at >= WireMessage.HEADER_BYTES && end - at >= lengthOf(in, at)) {
            at += check(in, at, receivedAt);
        }
        keepRest(in, at, end);
    }

    private static int lengthOf(ByteBuffer in, int at) throws IOException {
        int length = WireMessage.length(in, at);
        if (length < WireMessage.HEADER_BYTES || length > MAX_MESSAGE) {
            throw new IOException("a message of " + length + " bytes: the stream is out of step");
        }
        return length;
    }

    private int check(ByteBuffer in, int at, long receivedAt) throws IOException {
        int length = lengthOf(in, at);
        boolean intact = WireMessage.isIntact(in, at, length, crc);
        in.clear();
        boolean inOrder = WireMessage.sequence(in, at) == nextSequence;
        nextSequence = WireMessage.sequence(in, at) + 1;
        tally.count(
                WireMessage.phase(in, at),
                intact && inOrder,
                receivedAt - WireMessage.sentAtNanos(in, at),
                WireMessage.isLast(in, at));
        return length;
    }

    private void keepRest(ByteBuffer in, int at, int end) {
        restLength = end - at;
        if (restLength > rest.length) {
            rest = new byte[restLength];
        }
        in.clear().get(at, rest, 0, restLength);
    }
}
