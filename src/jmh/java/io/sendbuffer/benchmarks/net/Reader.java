/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The reader process: opens n connections to the server, receives on one thread, and counts. Started with the port, the
 * number of sessions, the file of the {@link SharedCounters} and the {@link Greeting}; ends with its input.
 */
public abstract class Reader {
    /** The count is published to the server at least this often, however many channels are ready at once. */
    private static final int READS_PER_COUNT = 64;

    private final Selector selector;
    private final SharedCounters counters;
    private long received;
    private int uncountedReads;

    protected Reader(String[] args) throws IOException {
        this(Path.of(args[2]));
        int sessions = Integer.parseInt(args[1]);
        Greeting greeting = Greeting.valueOf(args[3]);
        for (int i = 0; i < sessions; i++) {
            SocketChannel channel = open(Integer.parseInt(args[0]), 0);
            greeting.exchange(channel);
            receive(channel, attachment());
        }
    }

    /** For a reader that opens its connections itself, before it runs. */
    protected Reader(Path file) throws IOException {
        counters = SharedCounters.map(file);
        selector = Selector.open();
    }

    /**
     * Connects to the server.
     *
     * @param receiveBufferBytes of the kernel's buffer; 0 for what the system gives
     */
    protected static SocketChannel open(int port, int receiveBufferBytes) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_LINGER, 0); // leaves no port behind in TIME_WAIT
        if (receiveBufferBytes > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
        }
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return channel;
    }

    /** From now on the channel is read whenever it is ready. */
    protected final void receive(SocketChannel channel, Object attachment) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, attachment);
    }

    /** The attachment of a channel's key. */
    protected Object attachment() {
        return this;
    }

    /** Reads once, and returns the channel's result: how many bytes count as received. */
    protected abstract int read(SocketChannel channel, SelectionKey key) throws IOException;

    /** Answers an order, on a thread of its own. */
    protected Line answer(Line order) {
        throw new IllegalArgumentException("no such order: " + order);
    }

    protected final SharedCounters counters() {
        return counters;
    }

    /** Never returns. */
    protected final void run() throws IOException {
        Thread orders = new Thread(this::obey, "orders");
        orders.setDaemon(true);
        orders.start();
        Line.of("connected").say();
        while (true) {
            selector.select(this::onReady);
            counters.received(received);
        }
    }

    private void onReady(SelectionKey key) {
        try {
            int count = read((SocketChannel) key.channel(), key);
            if (count < 0) {
                throw new EOFException();
            }
            received += count;
            if (++uncountedReads == READS_PER_COUNT) {
                uncountedReads = 0;
                counters.received(received);
            }
        } catch (IOException e) {
            key.cancel(); // the server is gone; it detects missing bytes itself
        }
    }

    private void obey() {
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String text;
            while ((text = orders.readLine()) != null) {
                answer(Line.parse(text)).say();
            }
            Runtime.getRuntime().halt(0);
        } catch (IOException | RuntimeException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
