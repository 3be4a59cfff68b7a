/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendQueue;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReadmeExamplesIT {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void shouldSendEveryTickToEveryPlayer() throws Exception {
        GameServer game = new GameServer();
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
                Socket first = connect(socket);
                Socket second = connect(socket)) {
            Thread server = new Thread(() -> serveUntilInterrupted(game, socket), "game");
            server.start();
            first.getOutputStream().write(new byte[3]);

            for (Socket player : new Socket[] {first, second}) {
                DataInputStream in = new DataInputStream(player.getInputStream());
                long tick = in.readLong();
                while (in.readLong() != 3) {
                    assertEquals(++tick, in.readLong(), "no tick is missing");
                }
            }
            server.interrupt();
            server.join();
            assertEquals(-1, drain(first), "it closes its sessions in order");
            await(() -> game.pool.stats().outstandingBuffers() == 0);
        }
        game.pool.close();
    }

    private static void serveUntilInterrupted(GameServer game, ServerSocketChannel socket) {
        try {
            game.serve(socket);
        } catch (InterruptedException e) {
            return; // the test has seen enough
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads to the end of the stream, and returns what the last read did. */
    private static int drain(Socket player) throws IOException {
        int last;
        do {
            last = player.getInputStream().read();
        } while (last >= 0);
        return last;
    }

    @Test
    void shouldSendBackWhatCameIn() throws IOException {
        SendBufferPool pool = Pools.create();
        SendLoop loop = SendLoop.builder().build();
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0))) {
            loop.listen(socket, connection -> new Echo(pool));
            try (LoopRunner runner = loop.start();
                    Socket client = connect(socket)) {
                assertTrue(runner.thread().isAlive());
                for (int length = 1; length <= 1 << 14; length <<= 1) {
                    byte[] sent = new byte[length];
                    Arrays.fill(sent, (byte) length);
                    client.getOutputStream().write(sent);
                    assertArrayEquals(sent, client.getInputStream().readNBytes(length));
                }
            }
        }
    }

    @Test
    void shouldSendMoreThanASocketTakesFromALoopOfOnesOwn() throws IOException {
        SendBufferPool pool = Pools.create();
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
                Socket client = new Socket(LOOPBACK, socket.socket().getLocalPort());
                SocketChannel channel = socket.accept();
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, 0, new SendQueue());
            OwnSelectorLoop loop = new OwnSelectorLoop(selector);
            byte[] block = new byte[64 << 10];

            int blocks = 0;
            while (key.interestOps() == 0) { // until the socket is full
                block[0] = (byte) blocks++;
                try (SendBuffer message = pool.acquire(block.length)) {
                    loop.send(key, message.putBytes(block).seal());
                }
            }
            DataInputStream in = new DataInputStream(client.getInputStream());
            for (int i = 0; i < blocks; i++) {
                loop.turn(1);
                in.readFully(block);
                assertEquals((byte) i, block[0], "the blocks come in order");
            }

            assertEquals(0, key.interestOps(), "all is written, so there is no interest in writability");
            assertTrue(blocks > 1);
        }
    }

    private static Socket connect(ServerSocketChannel server) throws IOException {
        return new Socket(LOOPBACK, server.socket().getLocalPort());
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10), "timed out");
            Thread.onSpinWait();
        }
    }
}
