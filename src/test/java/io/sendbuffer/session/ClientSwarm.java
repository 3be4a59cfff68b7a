/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/** Many clients in one thread, written with the JDK alone, so that no bug of the library can hide itself. */
final class ClientSwarm implements AutoCloseable {
    private static final long MAX_MILLIS_IN_SELECT = 5;

    final List<SwarmClient> clients = new CopyOnWriteArrayList<>();

    private final ServerSocketChannel server;
    private final int receiveBufferSize;
    private final Selector selector;
    private final Frames.Parser parser = new Frames.Parser();
    private @Nullable Future<Boolean> running;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    /** Run by the swarm's thread in each of its turns. */
    private volatile Await.Step everyTurn = () -> {};

    /** A receive buffer size of zero leaves the size to the kernel. */
    ClientSwarm(ServerSocketChannel server, int receiveBufferSize) throws IOException {
        this.server = server;
        this.receiveBufferSize = receiveBufferSize;
        this.selector = Selector.open();
    }

    /** Connects a client, which sends its number. Called before the start, or on the swarm's thread. */
    SwarmClient connect(int index, Sequences sequences, SwarmClient.Mood mood) throws IOException {
        SocketChannel channel = Loopback.connect(server, receiveBufferSize);
        channel.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, index));
        channel.configureBlocking(false);
        SwarmClient client = new SwarmClient(index, channel, sequences, mood);
        client.register(channel.register(selector, SelectionKey.OP_READ, client));
        clients.add(client);
        return client;
    }

    void start() {
        start(() -> {});
    }

    void start(Await.Step doneEveryTurn) {
        everyTurn = doneEveryTurn;
        running = Threads.start(this::run);
    }

    private boolean run() throws Exception {
        try {
            while (!stopped) {
                selector.select(this::read, MAX_MILLIS_IN_SELECT);
                everyTurn.run();
            }
        } catch (Throwable e) {
            failure = e;
            throw e;
        }
        return true;
    }

    private void read(SelectionKey key) {
        SwarmClient client = (SwarmClient) key.attachment();
        try {
            client.read(parser);
        } catch (IOException | AssertionError e) {
            throw new AssertionError(client + " failed", e);
        }
    }

    /** Throws what a client threw, if any did. */
    void requireHealthy() {
        Throwable failed = failure;
        if (failed != null) {
            throw new AssertionError("the clients failed", failed);
        }
    }

    /** Waits until every one of these clients got this many messages. */
    void awaitReceived(List<SwarmClient> which, long messages) throws Exception {
        Await.until("every client got " + messages + " messages", () -> {
            requireHealthy();
            return which.stream().allMatch(client -> client.received.get() >= messages);
        });
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        Future<Boolean> thread = running;
        try {
            if (thread != null) {
                Threads.join(thread);
            }
        } finally {
            for (SelectionKey key : selector.keys()) {
                CloseHelper.close(key.channel());
            }
            selector.close();
        }
    }
}
