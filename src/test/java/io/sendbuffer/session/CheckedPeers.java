/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Clients that read everything, on a thread of their own. Each must get what was sent to it, byte for byte. */
final class CheckedPeers implements AutoCloseable {
    private final Selector selector = Selector.open();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(256 << 10);
    private final List<Peer> peers = new ArrayList<>();
    private @Nullable Future<Boolean> running;
    private volatile boolean stopped;

    CheckedPeers() throws IOException {}

    /** One client. */
    static final class Peer {
        final Session session;
        private final SocketChannel channel;
        private final CRC32C sent = new CRC32C();
        private final CRC32C received = new CRC32C();
        private long sentBytes;
        private final AtomicLong receivedBytes = new AtomicLong();
        private volatile boolean ended;

        private Peer(DefaultsHost.Connection connection) {
            this.session = connection.session();
            this.channel = connection.peer();
        }

        /** Records that these bytes were queued for it. Called by the sending thread. */
        void expect(byte[] message, int length) {
            sent.update(message, 0, length);
            sentBytes += length;
        }

        private void requireAll() throws Exception {
            Await.until("all arrived: " + sentBytes, () -> receivedBytes.get() >= sentBytes || ended);
            assertEquals(sentBytes, receivedBytes.get(), "bytes");
            assertEquals(sent.getValue(), received.getValue(), "the bytes in their order");
        }
    }

    Peer add(DefaultsHost.Connection connection) throws IOException {
        Peer peer = new Peer(connection);
        peers.add(peer);
        peer.channel.configureBlocking(false);
        peer.channel.register(selector, SelectionKey.OP_READ, peer);
        return peer;
    }

    void start() {
        running = Threads.start(this::run);
    }

    private boolean run() throws IOException {
        while (!stopped) {
            selector.select(key -> read((Peer) key.attachment(), key), 5);
        }
        return true;
    }

    private void read(Peer peer, SelectionKey key) {
        try {
            int count = peer.channel.read(bytes.clear());
            if (count >= 0) {
                peer.received.update(bytes.flip());
                peer.receivedBytes.addAndGet(count);
                return;
            }
        } catch (IOException e) {
            // a reset: an end like any other
        }
        peer.ended = true;
        key.cancel();
    }

    /** Waits until each client got everything. */
    void requireAll() throws Exception {
        for (Peer peer : peers) {
            peer.requireAll();
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        Future<Boolean> thread = running;
        if (thread != null) {
            Threads.join(thread);
        }
        for (Peer peer : peers) {
            peer.channel.close();
        }
        selector.close();
    }
}
