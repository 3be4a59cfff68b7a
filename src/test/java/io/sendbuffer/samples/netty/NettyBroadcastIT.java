/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.FrameClient;
import io.sendbuffer.session.Frames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real sockets: checks what arrives, and that Netty releases everything. */
@Timeout(60)
class NettyBroadcastIT {
    private static final int SENDERS = 2;
    private static final int LISTENING = 4;
    private static final int MIN_PER_SENDER = 1000;
    private static final int MESSAGES_BEFORE_THE_RESET = 100;

    /** Even at maximum length, these messages together are far below what may wait for a client. */
    private static final int MAX_UNREAD = 200;

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final long seed = TestSeed.next();
    private final SendBufferPool pool = Pools.create();
    private final NettyBroadcast server = new NettyBroadcast(pool);
    private final InetSocketAddress address = server.listen(ANY_PORT);
    private final List<FrameClient> clients = new ArrayList<>();
    private final AtomicLong sent = new AtomicLong();

    @AfterEach
    void closeAll() throws IOException {
        server.close();
        for (FrameClient client : clients) {
            client.close();
        }
    }

    @Test
    void shouldGiveEveryByteToThoseThatListenWhateverTheOthersDo() throws Exception {
        List<FrameClient> listening = connect(LISTENING);
        FrameClient resetting = connect(1).get(0);
        FrameClient silent = welcomed(FrameClient.connectWithSmallBuffer(address, SENDERS));
        Await.until("all are there", () -> server.clients() == clients.size());
        List<Future<Integer>> reading = new ArrayList<>();
        listening.forEach(client -> reading.add(Threads.start(client::readToEnd)));
        Future<Boolean> leaving = Threads.start(() -> {
            resetting.readUntil(MESSAGES_BEFORE_THE_RESET);
            resetting.reset();
            return true;
        });

        Threads.runTogether(SENDERS, sender -> {
            Frames.Writer writer = new Frames.Writer(pool, sender, seed);
            for (int i = 0; i < MIN_PER_SENDER || server.clients() > LISTENING; i++) {
                Await.until("the readers keep up", () -> unreadBy(listening, reading) < MAX_UNREAD);
                sent.incrementAndGet();
                try (SendBuffer message = writer.next()) {
                    server.broadcast(message);
                }
            }
        });

        Threads.join(leaving);
        Await.until("everything arrived", () -> unreadBy(listening, reading) == 0);
        assertEquals(LISTENING, server.clients(), TestSeed.hint(seed));
        server.close();
        for (Future<Integer> reader : reading) {
            assertEquals(0, Threads.join(reader), "bytes after the last message" + TestSeed.hint(seed));
        }
        silent.readToEnd();
        assertTrue(silent.received() < sent.get(), "the one that did not read was closed" + TestSeed.hint(seed));
    }

    /** The number of messages that the slowest of them has not read yet. */
    private long unreadBy(List<FrameClient> listening, List<Future<Integer>> reading) {
        reading.stream().filter(Future::isDone).forEach(Threads::join); // it failed, or ended too early
        return sent.get()
                - listening.stream().mapToLong(FrameClient::received).min().orElseThrow();
    }

    @Test
    void shouldGiveAllMemoryBackWhenItClosesBeforeItIsRead() throws Exception {
        connect(LISTENING);
        Await.until("all are there", () -> server.clients() == LISTENING);
        Frames.Writer writer = new Frames.Writer(pool, 0, seed);
        Await.until("a backlog waits", () -> pool.stats().outstandingBuffers() > MAX_UNREAD, () -> broadcast(writer));
        server.close();
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldKeepNothingOfABroadcastAfterTheClose() throws Exception {
        connect(1);
        Await.until("it is there", () -> server.clients() == 1);
        server.close();
        broadcast(new Frames.Writer(pool, 0, seed));
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    private void broadcast(Frames.Writer writer) {
        try (SendBuffer message = writer.next()) {
            server.broadcast(message);
        }
    }

    private List<FrameClient> connect(int count) throws IOException {
        List<FrameClient> connected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connected.add(welcomed(FrameClient.connect(address, SENDERS)));
        }
        return connected;
    }

    private FrameClient welcomed(FrameClient client) throws IOException {
        clients.add(client);
        assertEquals("welcome\n", client.readAscii(8));
        return client;
    }
}
