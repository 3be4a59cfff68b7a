/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server does without this library: each client has a direct buffer of its own, into which each message is
 * copied. Either written at once, or when the tick ends: the two differ in nothing else.
 */
final class CopyPerClient implements BroadcastDesign {
    static final String PER_MESSAGE = "copy, a write per message";
    static final String PER_TICK = "copy, a write per tick";

    private final boolean oneWritePerTick;
    private final List<Client> clients = new ArrayList<>();
    private long copiedBytes;

    CopyPerClient(boolean oneWritePerTick) {
        this.oneWritePerTick = oneWritePerTick;
    }

    @Override
    public String name() {
        return oneWritePerTick ? PER_TICK : PER_MESSAGE;
    }

    @Override
    public void open(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.configureBlocking(false);
            clients.add(new Client(channel));
        }
    }

    @Override
    public void publish(byte[] message) throws IOException {
        for (Client client : clients) {
            copiedBytes += client.copyIn(message);
            if (!oneWritePerTick) {
                client.flush();
            }
        }
    }

    @Override
    public void endTick() throws IOException {
        if (oneWritePerTick) {
            for (Client client : clients) {
                client.flush();
            }
        }
    }

    @Override
    public long backlogBytes() throws IOException {
        long max = 0;
        for (Client client : clients) {
            client.flush();
            max = Math.max(max, client.queue.remaining());
        }
        return max;
    }

    @Override
    public long copiedBytes() {
        return copiedBytes;
    }

    @Override
    public List<String> helperThreads() {
        return List.of();
    }

    @Override
    public long outstandingBuffers() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        for (Client client : clients) {
            client.channel.close();
        }
    }

    private static final class Client {
        private static final int INITIAL_BYTES = 8 << 10;

        private final SocketChannel channel;

        /** What is to be written lies from the position to the limit. */
        private ByteBuffer queue = ByteBuffer.allocateDirect(INITIAL_BYTES).limit(0);

        Client(SocketChannel channel) {
            this.channel = channel;
        }

        /** Returns how many bytes were copied: a backlog may have to move. */
        int copyIn(byte[] message) {
            int moved = queue.capacity() - queue.limit() < message.length ? makeRoom(message.length) : 0;
            int end = queue.limit();
            queue.limit(end + message.length).put(end, message);
            return moved + message.length;
        }

        /** Doubles a buffer that is half full, so that a backlog does not move for each message. */
        private int makeRoom(int bytes) {
            int kept = queue.remaining();
            int capacity = queue.capacity();
            while (kept + bytes > capacity / 2) {
                capacity *= 2;
            }
            queue = capacity == queue.capacity()
                    ? queue.compact().flip()
                    : ByteBuffer.allocateDirect(capacity).put(queue).flip();
            return kept;
        }

        void flush() throws IOException {
            if (queue.hasRemaining()) {
                channel.write(queue);
            }
            if (!queue.hasRemaining()) {
                queue.clear().limit(0);
            }
        }
    }
}
