/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One client of a {@link ClientSwarm}: checks every byte that it gets, and may misbehave. Owned by the swarm's thread.
 */
final class SwarmClient {
    /** What a client does after each message, to misbehave. */
    interface Mood {
        Mood GOOD = (client, count) -> {};

        void afterMessage(SwarmClient client, long count) throws IOException;
    }

    private static final int BUFFER = 16 << 10;

    final int index;

    /** The number of whole, correct messages. Any thread may read it. */
    final AtomicLong received = new AtomicLong();

    private final Sequences sequences;
    private final Mood mood;
    private final SocketChannel channel;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER);
    private final Frames.Receiver receiver;
    private @Nullable SelectionKey key;
    private boolean leaving;

    /** True when either side has ended the connection. */
    private volatile boolean ended;

    SwarmClient(int index, SocketChannel channel, Sequences sequences, Mood mood) {
        this.index = index;
        this.channel = channel;
        this.sequences = sequences;
        this.mood = mood;
        this.receiver = (sender, sequence) -> {
            this.sequences.add(sender, sequence);
            received.lazySet(received.get() + 1);
        };
    }

    boolean hasEnded() {
        return ended;
    }

    // ---- for the swarm

    void register(SelectionKey registered) {
        key = registered;
    }

    void read(Frames.Parser parser) throws IOException {
        long before = received.get();
        int count = channel.read(bytes);
        parser.parse(bytes.flip(), receiver);
        bytes.compact();
        if (count < 0) {
            if (bytes.position() > 0 && !leaving) {
                throw new AssertionError("the connection ended within a message");
            }
            close();
        }
        for (long i = before + 1; i <= received.get() && !ended; i++) {
            mood.afterMessage(this, i);
        }
    }

    // ---- for moods

    /** Ends the connection in an orderly way. */
    void close() throws IOException {
        ended = true;
        channel.close();
    }

    /** Ends the connection as a crashed process does. */
    void reset() throws IOException {
        ended = true;
        Loopback.reset(channel);
    }

    /** Sends nothing more, and keeps reading. */
    void halfClose() throws IOException {
        channel.shutdownOutput();
    }

    /** Announces by a half-close that it leaves: the server may then end the connection, even within a message. */
    void leave() throws IOException {
        leaving = true;
        channel.shutdownOutput();
    }

    void stopReading() {
        SelectionKey registered = key;
        if (registered != null) {
            registered.interestOps(0);
        }
    }

    void resumeReading() {
        SelectionKey registered = key;
        if (registered != null) {
            registered.interestOps(SelectionKey.OP_READ);
        }
    }

    @Override
    public String toString() {
        return "client " + index + " with " + received + " messages" + (ended ? ", ended" : "");
    }
}
