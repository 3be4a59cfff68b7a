/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The starting point of the source design, and the approach of a straightforward server: for each client a new array, a
 * copy of the message, and a write.
 */
final class CopyPerClient implements BroadcastDesign {
    private final List<Client> clients = new ArrayList<>();
    private long copiedBytes;

    @Override
    public String name() {
        return "copy per client";
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
            client.queue.add(ByteBuffer.wrap(message.clone()));
            client.queuedBytes += message.length;
            client.flush();
        }
        // Once by us, once by the JDK: a heap array may move, so the JDK copies it into direct memory to write it.
        copiedBytes += 2L * message.length * clients.size();
    }

    @Override
    public void endTick() {
        // every message was written on its own already
    }

    @Override
    public long backlogBytes() throws IOException {
        long max = 0;
        for (Client client : clients) {
            client.flush();
            max = Math.max(max, client.queuedBytes);
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
        private final SocketChannel channel;
        private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
        private long queuedBytes;

        Client(SocketChannel channel) {
            this.channel = channel;
        }

        void flush() throws IOException {
            ByteBuffer next;
            while ((next = queue.peek()) != null) {
                queuedBytes -= channel.write(next);
                if (next.hasRemaining()) {
                    return;
                }
                queue.remove();
            }
        }
    }
}
