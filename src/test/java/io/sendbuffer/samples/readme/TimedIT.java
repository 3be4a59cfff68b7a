/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TimedIT {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void shouldAnswerOnAnotherThreadAndCloseAClientThatSaysNothing() throws IOException {
        SendBufferPool pool = Pools.create();
        ExecutorService workers = Executors.newSingleThreadExecutor();
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
                SendBuffer ping = pool.constant(new byte[] {1})) {
            Timed timed = new Timed(pool, workers, ping);
            timed.loop.listen(socket, connection -> timed.new Client());
            int port = socket.socket().getLocalPort();
            try (LoopRunner runner = timed.loop.start();
                    Socket client = new Socket(LOOPBACK, port);
                    Socket silent = new Socket(LOOPBACK, port)) {
                for (int round = 0; round < 10; round++) {
                    byte[] question = new byte[100 + round];
                    client.getOutputStream().write(question);
                    assertArrayEquals(question, client.getInputStream().readNBytes(question.length));
                }
                assertEquals(-1, silent.getInputStream().read(), "it was not closed");
                assertEquals(true, runner.thread().isAlive());
                silent.shutdownOutput();
                client.shutdownOutput();
            }
            assertEquals(1, ping.referenceCount());
        } finally {
            workers.shutdown();
        }
    }
}
