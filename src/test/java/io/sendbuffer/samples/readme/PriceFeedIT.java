/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PriceFeedIT {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int INSTRUMENTS = 100;

    /** As a client of the feed would be written: it knows the prices, and the last position. */
    private static final class Reader implements AutoCloseable {
        final long[] prices = new long[INSTRUMENTS];
        private final Socket socket;
        private final DataInputStream in;
        private long last;

        Reader(ServerSocketChannel server, long last) throws IOException {
            this.socket = new Socket(LOOPBACK, server.socket().getLocalPort());
            this.in = new DataInputStream(socket.getInputStream());
            this.last = last;
            new DataOutputStream(socket.getOutputStream()).writeLong(last);
        }

        /** Reads one message, and returns its kind. */
        char read() throws IOException {
            char kind = (char) in.readByte();
            long position = in.readLong();
            if (kind == 'S') {
                for (int i = 0; i < INSTRUMENTS; i++) {
                    prices[i] = in.readLong();
                }
            } else {
                assertEquals(last + 1, position, "no update is missing, and none comes twice");
                prices[in.readInt()] = in.readLong();
            }
            last = position;
            return kind;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void shouldContinueWhereAClientWasOrBeginWithASnapshot() throws Exception {
        PriceFeed feed = new PriceFeed();
        SendLoop loop = SendLoop.builder().build();
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0))) {
            loop.listen(server, connection -> feed.new Client());
            try (LoopRunner runner = loop.start()) {
                assertEquals(loop, runner.loop());
                feed.publish(7, 70);
                long last;
                try (Reader first = new Reader(server, -1)) {
                    assertEquals('S', first.read());
                    feed.publish(7, 71);
                    assertEquals('U', first.read());
                    assertEquals(71, first.prices[7]);
                    last = first.last;
                }
                feed.publish(8, 80);
                feed.publish(9, 90);
                try (Reader again = new Reader(server, last);
                        Reader fromTheFuture = new Reader(server, last + 1000)) {
                    assertEquals('U', again.read());
                    assertEquals('U', again.read());
                    assertEquals(90, again.prices[9]);
                    assertEquals('S', fromTheFuture.read());
                    assertEquals(71, fromTheFuture.prices[7]);
                    assertEquals(90, fromTheFuture.prices[9]);
                }
            }
        }
        feed.log.close();
        assertEquals(0, feed.pool.stats().outstandingBuffers());
        feed.pool.close();
    }
}
