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
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/** Connections whose peers read and discard, on a thread of their own. */
final class DiscardingPeers implements AutoCloseable {
    private final Selector selector;
    private final List<Loopback> connections = new ArrayList<>();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(64 << 10);
    private @Nullable Future<Boolean> running;
    private volatile boolean stopped;

    DiscardingPeers(int count) throws IOException {
        selector = Selector.open();
        for (int i = 0; i < count; i++) {
            Loopback connection = Loopback.open();
            connections.add(connection);
            connection.peer.register(selector, SelectionKey.OP_READ);
        }
    }

    /** Adds our end of each connection to a loop. */
    Session[] addAllTo(SendLoop loop, SessionGroup group) throws IOException {
        Session[] sessions = new Session[connections.size()];
        for (int i = 0; i < sessions.length; i++) {
            sessions[i] = loop.add(connections.get(i).ours, new RecordingListener());
            group.add(sessions[i]);
        }
        return sessions;
    }

    void start() {
        running = Threads.start(this::run);
    }

    private boolean run() throws IOException {
        while (!stopped) {
            selector.select(this::discard, 5);
        }
        return true;
    }

    private void discard(SelectionKey key) {
        try {
            if (((SocketChannel) key.channel()).read(bytes.clear()) < 0) {
                key.cancel();
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        Future<Boolean> thread = running;
        if (thread != null) {
            Threads.join(thread);
        }
        CloseHelper.closeAll(connections);
        selector.close();
    }
}
