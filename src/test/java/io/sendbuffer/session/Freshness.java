/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * Measures how old the newest value is that a slow client gets, counted in updates: one thread publishes, serves the
 * loop and reads, so there is no clock.
 */
final class Freshness {
    /** Let the kernel choose the size of the send buffer. */
    static final int SYSTEMS_CHOICE = 0;

    private static final int LENGTH = 1_000;

    /** The client reads a tenth. At 1 MB/s this would be 10,000 updates per second. */
    static final int UPDATES_FOR_EACH_READ = 10;

    private static final int READS = 4_000;
    private static final int MEASURED = 1_000;
    private static final int RECEIVE_BUFFER_SIZE = 4 << 10;

    private final SendBufferPool pool;

    Freshness(SendBufferPool pool) {
        this.pool = pool;
    }

    /**
     * Prints the age without and with a limit for what the kernel has not sent. In a network of its own, whose limit
     * this sets.
     *
     * @param args the limit, in bytes
     */
    public static void main(String[] args) throws Exception {
        SendBufferPool pool = Pools.create();
        int without = new Freshness(pool).medianAge(SYSTEMS_CHOICE);
        Files.writeString(Path.of(OwnNetwork.UNSENT_LIMIT), args[0]);
        int with = new Freshness(pool).medianAge(SYSTEMS_CHOICE);
        System.out.println(without + " " + with);
        pool.close();
    }

    /** How many updates had been published since the value that the client reads, at the median of many reads. */
    int medianAge(int sendBufferSize) throws Exception {
        SendLoop loop = SendLoop.builder()
                .sendBufferSize(sendBufferSize)
                .maxSelectTime(Duration.ZERO)
                .closeTimeout(Duration.ZERO)
                .build();
        try (ServerSocketChannel server =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open()) {
            client.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_SIZE);
            client.connect(server.getLocalAddress());
            Session session = loop.add(server.accept(), new RecordingListener());
            return medianAge(loop, session, client);
        } finally {
            loop.onClose();
        }
    }

    private int medianAge(SendLoop loop, Session session, SocketChannel client) throws Exception {
        int[] ages = new int[READS];
        int published = 0;
        for (int i = 0; i < READS; i++) {
            for (int j = 0; j < UPDATES_FOR_EACH_READ; j++) {
                publish(session, published++);
                loop.doWork();
            }
            ages[i] = published - 1 - read(loop, client);
        }
        int[] measured = Arrays.copyOfRange(ages, READS - MEASURED, READS);
        Arrays.sort(measured);
        return measured[MEASURED / 2];
    }

    private void publish(Session session, int number) {
        try (SendBuffer value = pool.acquire(LENGTH).putInt(number)) {
            value.putBytes(new byte[LENGTH - Integer.BYTES]).conflate(1).seal();
            assertEquals(OfferResult.QUEUED, session.send(value));
        }
    }

    private static int read(SendLoop loop, SocketChannel client) throws IOException {
        client.configureBlocking(false);
        ByteBuffer value = ByteBuffer.allocate(LENGTH);
        while (value.hasRemaining()) {
            assertTrue(client.read(value) >= 0, "the stream ended");
            loop.doWork();
        }
        return value.getInt(0);
    }
}
