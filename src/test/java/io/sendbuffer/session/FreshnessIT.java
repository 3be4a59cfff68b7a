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
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How old the newest value is that a slow client gets. Conflation keeps one value in the session's queue; all others
 * that the client has not read wait in the kernel, where nothing replaces them. So what counts is the socket's send
 * buffer. The age is counted in updates: the test, which publishes, serves the loop and reads, has no clock.
 */
@Timeout(60)
class FreshnessIT {
    private static final int LENGTH = 1_000;

    /** The client reads a tenth. At 1 MB/s this would be 10,000 updates per second. */
    private static final int UPDATES_FOR_EACH_READ = 10;

    private static final int READS = 4_000;
    private static final int MEASURED = 1_000;
    private static final int RECEIVE_BUFFER_SIZE = 4 << 10;
    private static final int SYSTEMS_CHOICE = 0;
    private static final int DEFAULT_SIZE = 128 << 10;
    private static final int SMALL = 8 << 10;

    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldBeFourTimesAsFreshWithASmallSendBuffer() throws Exception {
        int left = medianAge(SYSTEMS_CHOICE);
        int byDefault = medianAge(DEFAULT_SIZE);
        int small = medianAge(SMALL);
        String ages = "ages in updates: the system's choice " + left + ", by default " + byDefault + ", small " + small;
        assertTrue(byDefault >= 4 * small, ages);
        assertTrue(left >= 4 * small, ages);
    }

    /** How many updates had been published since the value that the client reads, at the median of many reads. */
    private int medianAge(int sendBufferSize) throws Exception {
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
