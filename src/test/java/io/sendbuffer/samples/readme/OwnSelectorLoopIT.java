/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendQueue;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.FrameClient;
import io.sendbuffer.session.Frames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A user's own selector loop on its own thread, while other threads send to clients that are slow, leave, or stop
 * reading.
 */
@Timeout(60)
class OwnSelectorLoopIT {
    private static final int SENDERS = 2;
    private static final int MESSAGES_OF_A_SENDER = 1000;
    private static final int SMALL_SEND_BUFFER = 16 << 10;
    private static final long TURN_MILLIS = 50;

    private final long seed = TestSeed.next();
    private final SendBufferPool pool = Pools.create();
    private final List<FrameClient> clients = new ArrayList<>();
    private ServerSocketChannel server;
    private Selector selector;
    private OwnSelectorLoop loop;
    private Future<Boolean> running;
    private volatile boolean stopped;

    @BeforeEach
    void open() throws IOException {
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        selector = Selector.open();
        loop = new OwnSelectorLoop(selector);
        running = Threads.start(() -> {
            while (!stopped) {
                loop.turn(TURN_MILLIS);
            }
            return true;
        });
    }

    @AfterEach
    void close() throws IOException {
        stopped = true;
        try {
            Threads.join(running);
        } finally {
            for (SelectionKey key : selector.keys()) {
                queueOf(key).close();
                key.channel().close();
            }
            for (FrameClient client : clients) {
                client.close();
            }
            selector.close();
            server.close();
        }
    }

    @Test
    void shouldGiveASlowReaderEveryByteThatOtherThreadsSend() throws Exception {
        SelectionKey key = connect(QueueLimits.DEFAULT);
        FrameClient client = clients.get(0);

        Threads.runTogether(SENDERS, sender -> send(new Frames.Writer(pool, sender, seed), key));
        assertBlocked(key);
        assertEquals(0, client.received());
        client.readUntil(SENDERS * MESSAGES_OF_A_SENDER);

        Await.until("the queue is drained", () -> key.interestOps() == 0);
        assertNothingOutstanding();
    }

    @Test
    void shouldDropAClientThatLeavesAndServeTheOther() throws Exception {
        SelectionKey leaving = connect(QueueLimits.DEFAULT);
        SelectionKey staying = connect(QueueLimits.DEFAULT);

        Threads.runTogether(SENDERS, sender -> send(new Frames.Writer(pool, sender, seed), leaving, staying));
        assertBlocked(leaving);
        clients.get(0).reset();
        clients.get(1).readUntil(SENDERS * MESSAGES_OF_A_SENDER);

        Await.until("the one that left is dropped", () -> !leaving.isValid());
        Await.until("the other one's queue is drained", () -> staying.interestOps() == 0);
        assertNothingOutstanding();
    }

    @Test
    void shouldDropAClientThatStopsReading() throws Exception {
        SelectionKey key = connect(QueueLimits.DEFAULT.withMaxQueuedBytes(64 << 10));
        Frames.Writer writer = new Frames.Writer(pool, 0, seed);

        OfferResult result;
        long sent = -1;
        do {
            sent++;
            try (SendBuffer message = writer.next()) {
                result = loop.sendFromElsewhere(key, message);
            }
            Await.until("it is written, or the client does not read", () -> isWrittenOrBlocked(key));
        } while (result == OfferResult.QUEUED);

        assertEquals(OfferResult.REFUSED_BYTES, result);
        Await.until("it is dropped", () -> !key.isValid());
        assertNothingOutstanding();
        clients.get(0).readToEnd();
        assertTrue(clients.get(0).received() < sent, "what waited for it was dropped" + TestSeed.hint(seed));
    }

    /** A sender that is faster than the loop fills the queue of a client that does read. */
    private static boolean isWrittenOrBlocked(SelectionKey key) {
        try {
            return key.interestOps() != 0 || queueOf(key).queuedBytes() == 0;
        } catch (CancelledKeyException e) {
            return true;
        }
    }

    /** Connects a client; what it does not read soon blocks the queue. */
    private SelectionKey connect(QueueLimits limits) throws IOException {
        clients.add(FrameClient.connect(server.getLocalAddress(), SENDERS));
        SocketChannel channel = server.accept();
        channel.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_SEND_BUFFER);
        channel.configureBlocking(false);
        return channel.register(selector, 0, new SendQueue(limits));
    }

    private void send(Frames.Writer writer, SelectionKey... receivers) {
        for (int i = 0; i < MESSAGES_OF_A_SENDER; i++) {
            try (SendBuffer message = writer.next()) {
                for (SelectionKey receiver : receivers) {
                    assertEquals(OfferResult.QUEUED, loop.sendFromElsewhere(receiver, message));
                }
            }
        }
    }

    private static void assertBlocked(SelectionKey key) throws Exception {
        Await.until("the socket is full", () -> key.interestOps() == SelectionKey.OP_WRITE);
        assertTrue(queueOf(key).queuedMessages() > 0);
    }

    /** While the loop still runs, so that the memory is not released by the loop's end. */
    private void assertNothingOutstanding() throws Exception {
        Await.until("nothing is outstanding", () -> pool.stats().outstandingBuffers() == 0);
    }

    private static SendQueue queueOf(SelectionKey key) {
        return (SendQueue) key.attachment();
    }
}
