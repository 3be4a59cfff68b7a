/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Greeting;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Reader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;

/**
 * The clients: what counts as received is whole messages. One client's are looked at. Started with the port, the number
 * of clients, the file of the counters and the greeting.
 */
final class WebReader extends Reader {
    private static final int BUFFER_BYTES = 256 << 10;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final List<Client> clients = new ArrayList<>();

    /** With code 1000, masked. */
    private static final byte[] CLOSE = {(byte) 0x88, (byte) 0x82, 1, 2, 3, 4, 0x03 ^ 1, (byte) (0xE8 ^ 2)};

    private static final class Client {
        final SocketChannel channel;
        final FrameCounter frames;
        long messages;
        long bytes;

        Client(SocketChannel channel, FrameCounter frames) {
            this.channel = channel;
            this.frames = frames;
        }
    }

    private WebReader(String[] args) throws IOException {
        super(Path.of(args[2]));
        int count = Integer.parseInt(args[1]);
        Greeting greeting = Greeting.valueOf(args[3]);
        for (int i = 0; i < count; i++) {
            SocketChannel channel = open(Integer.parseInt(args[0]), 0);
            greeting.exchange(channel);
            Client client = new Client(channel, new FrameCounter(i == count / 2 ? new MessageCheck() : null));
            clients.add(client);
            receive(channel, client);
        }
    }

    public static void main(String[] args) throws IOException {
        new WebReader(args).run();
    }

    @Override
    protected int read(SocketChannel channel, SelectionKey key) throws IOException {
        int length = channel.read(buffer.clear());
        if (length < 0) {
            return length;
        }
        Client client = (Client) key.attachment();
        int messages = count(client);
        client.messages += messages;
        client.bytes += length;
        return messages;
    }

    private int count(Client client) {
        try {
            return client.frames.count(buffer.flip());
        } catch (IllegalStateException e) {
            Line.of("failed").with("cause", e).say(); // instead of an answer; the server waits in vain, and says so
            throw e;
        }
    }

    @Override
    protected Line answer(Line order) {
        return switch (order.name()) {
            case "count" -> count();
            case "close" -> close();
            default -> super.answer(order);
        };
    }

    /** What each has received so far, when nothing is in flight. */
    private Line count() {
        long seen = counters().received(); // what came before it is visible now
        LongSummaryStatistics messages =
                clients.stream().mapToLong(client -> client.messages).summaryStatistics();
        long bytes = clients.stream().mapToLong(client -> client.bytes).sum();
        return Line.of("counted")
                .with("seen", seen)
                .with("least", messages.getMin())
                .with("most", messages.getMax())
                .with("messages", messages.getSum())
                .with("bytes", bytes);
    }

    /** Says goodbye, which each server answers. */
    private Line close() {
        for (Client client : clients) {
            try {
                client.channel.write(ByteBuffer.wrap(CLOSE));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Line.of("closed");
    }
}
