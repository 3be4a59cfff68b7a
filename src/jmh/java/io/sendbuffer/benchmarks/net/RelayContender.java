/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A server of its own that sends to its clients what a publisher sends to it on a connection, and adds to each message
 * what its protocol wants. That server's resources count; the publisher's, in this process, do not.
 */
public abstract class RelayContender extends Contender {
    /** What the publisher sends beside a message, at most. */
    private static final int MAX_BYTES_BESIDE = 64;

    private @Nullable RelayProcess process;
    private @Nullable SocketChannel publisher;
    private ByteBuffer tick = ByteBuffer.allocate(0);
    private byte[] body = {};
    private int messages;

    /** Starts a server that listens for clients on one port, and for the publisher on the other. */
    protected abstract List<String> command(int port, int publisherPort) throws IOException, InterruptedException;

    /** Whether the publisher connects to a port of its own. */
    protected abstract boolean hasPublisherPort();

    /** What the publisher sends before the messages of a tick. */
    protected abstract void putHead(ByteBuffer tick, int messages, int bytes);

    /** What the publisher sends for a message. */
    protected abstract void putMessage(ByteBuffer tick, long stamp, byte[] body);

    @Override
    public final int listen() throws IOException, InterruptedException {
        int port = RelayProcess.freePort();
        int publisherPort = hasPublisherPort() ? RelayProcess.freePort() : port;
        process = RelayProcess.start(command(port, publisherPort));
        SocketChannel connected = RelayProcess.connect(publisherPort);
        publisher = connected;
        Thread answers = new Thread(() -> discardAnswers(connected), "answers");
        answers.setDaemon(true);
        answers.start();
        RelayProcess.connect(port).close();
        return port;
    }

    private static void discardAnswers(SocketChannel publisher) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
        try {
            while (publisher.read(buffer.clear()) >= 0) {
                // nothing is asked that needs a look at the answer
            }
        } catch (IOException e) {
            // closed: the end
        }
    }

    /** A client that has been answered is known to the server; the reader says when all have been. */
    @Override
    public final void awaitSessions(int count) {}

    @Override
    public final void shape(Shape shape) {
        body = new byte[shape.bytes() - Long.BYTES];
        messages = shape.messages();
        tick = ByteBuffer.allocateDirect(MAX_BYTES_BESIDE + messages * (shape.bytes() + MAX_BYTES_BESIDE));
    }

    @Override
    public final void tick(long stamp) throws IOException {
        tick.clear();
        putHead(tick, messages, Long.BYTES + body.length);
        for (int i = 0; i < messages; i++) {
            putMessage(tick, stamp, body);
        }
        tick.flip();
        SocketChannel channel = Objects.requireNonNull(publisher);
        while (tick.hasRemaining()) {
            channel.write(tick);
        }
    }

    @Override
    public final long pid() {
        return Objects.requireNonNull(process).pid();
    }

    @Override
    public final Usage usage(Pause pause) {
        return Usage.ofProcess(pid());
    }

    @Override
    public final void close() throws Exception {
        super.close();
        if (publisher != null) {
            publisher.close();
        }
        if (process != null) {
            process.close();
        }
    }
}
