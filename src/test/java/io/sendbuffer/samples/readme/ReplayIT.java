/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SlowConsumerException;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReplayIT {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int PART = 60_000;
    private static final int PARTS = 500;

    private static final class Client implements SessionListener {
        final CompletableFuture<Session> opened = new CompletableFuture<>();
        final CompletableFuture<@Nullable Throwable> closed = new CompletableFuture<>();

        @Override
        public void onOpened(Session session) {
            opened.complete(session);
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            closed.complete(cause);
        }
    }

    private static ServerSocketChannel bind() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
    }

    private static Socket connect(ServerSocketChannel server) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(64 << 10);
        socket.connect(server.getLocalAddress());
        return socket;
    }

    @Test
    void shouldPlayThirtyMegabytesWithinAQueueOfOne() throws Exception {
        byte[][] recording = new byte[PARTS][PART];
        SplittableRandom random = new SplittableRandom(1);
        Arrays.stream(recording).forEach(random::nextBytes);
        SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(4 << 20).build());
        try (ServerSocketChannel server = bind()) {
            SendLoop loop = SendLoop.builder()
                    .queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(1 << 20))
                    .build();
            loop.listen(server, connection -> new Replay.Player(pool, recording));
            try (LoopRunner runner = loop.start();
                    Socket socket = connect(server)) {
                assertEquals(loop, runner.loop());
                DataInputStream in = new DataInputStream(socket.getInputStream());
                for (byte[] part : recording) {
                    assertArrayEquals(part, in.readNBytes(PART));
                }
                assertEquals(-1, in.read());
            }
        }
    }

    @Test
    void shouldEndAClientThatWouldHoldTooMuch() throws Exception {
        SendBufferPool pool = Pools.create();
        try (ServerSocketChannel server = bind()) {
            Client client = new Client();
            SendLoop loop = new Replay.Loops(pool).strict();
            loop.listen(server, connection -> client);
            try (LoopRunner runner = loop.start();
                    Socket socket = connect(server)) {
                assertEquals(loop, runner.loop());
                assertTrue(socket.isConnected());
                Session session = client.opened.get();
                OfferResult result = OfferResult.QUEUED;
                try (SendBuffer message = zeros(pool, 1 << 20)) {
                    while (result == OfferResult.QUEUED) {
                        result = session.send(message);
                    }
                }
                assertEquals(OfferResult.CLOSED, result);
                assertInstanceOf(SlowConsumerException.class, client.closed.get(20, TimeUnit.SECONDS));
            }
        }
    }

    private static SendBuffer zeros(SendBufferPool pool, int length) {
        SendBuffer message = pool.acquire(length);
        message.putBytes(new byte[length]);
        return message.seal();
    }

    @Test
    void shouldAccountForWhatIsTooOld() throws Exception {
        SendBufferPool pool = Pools.create();
        try (ServerSocketChannel server = bind()) {
            Client client = new Client();
            SendLoop loop = new Replay.Loops(pool).fresh();
            loop.listen(server, connection -> client);
            try (LoopRunner runner = loop.start();
                    Socket socket = connect(server)) {
                assertEquals(loop, runner.loop());
                Session session = client.opened.get();
                int sent = 50;
                try (SendBuffer message = zeros(pool, PART)) {
                    for (int i = 0; i < sent; i++) {
                        assertEquals(OfferResult.QUEUED, session.send(message));
                    }
                }
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                while (session.droppedMessages() == 0 && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
                DataInputStream in = new DataInputStream(socket.getInputStream());
                long accounted = 0;
                while (accounted < sent) {
                    if (in.readByte() == 'G') {
                        accounted += in.readLong();
                    } else {
                        in.readNBytes(PART - 1);
                        accounted++;
                    }
                }
                assertEquals(sent, accounted);
                assertTrue(session.droppedMessages() > 0);
            }
        }
    }

    @Test
    void shouldAskForTheNewestPriceOfEachInstrument() throws Exception {
        int all = 1_000; // each is asked for once, for a client that joins
        int instruments = 50;
        int prices = 100_000;
        SendBufferPool pool = Pools.create();
        try (ServerSocketChannel server = bind()) {
            Client client = new Client();
            Replay.Loops loops = new Replay.Loops(pool);
            SendLoop loop = loops.prices();
            loop.listen(server, connection -> client);
            try (LoopRunner runner = loop.start();
                    Socket socket = connect(server)) {
                assertEquals(loop, runner.loop());
                SessionGroup clients = new SessionGroup();
                Session session = client.opened.get();
                loops.join(clients, session);
                for (int price = 0; price < prices; price++) {
                    loops.update(clients, price % instruments, price);
                }
                session.close();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                long[] newest = new long[all];
                long received = 0;
                while (in.read() == 'P') {
                    newest[in.readInt()] = in.readLong();
                    received++;
                }
                for (int instrument = 0; instrument < instruments; instrument++) {
                    assertEquals(prices - instruments + instrument, newest[instrument]);
                }
                assertEquals(all + prices, received + session.conflatedMarks());
            }
        }
    }

    @Test
    void shouldSendTheNewestPriceOfEachInstrument() throws Exception {
        int instruments = 50;
        int prices = 100_000;
        SendBufferPool pool = Pools.create();
        try (ServerSocketChannel server = bind()) {
            Client client = new Client();
            Replay.Loops loops = new Replay.Loops(pool);
            SendLoop loop = loops.prices();
            loop.listen(server, connection -> client);
            try (LoopRunner runner = loop.start();
                    Socket socket = connect(server)) {
                assertEquals(loop, runner.loop());
                SessionGroup clients = new SessionGroup();
                clients.add(client.opened.get());
                for (int price = 0; price < prices; price++) {
                    loops.publish(clients, price % instruments, price);
                }
                DataInputStream in = new DataInputStream(socket.getInputStream());
                long[] newest = new long[instruments];
                long left = prices;
                while (left > 0) {
                    if (in.readByte() == 'G') {
                        left -= in.readLong();
                    } else {
                        int instrument = in.readInt();
                        newest[instrument] = in.readLong();
                        left--;
                    }
                }
                for (int instrument = 0; instrument < instruments; instrument++) {
                    assertEquals(prices - instruments + instrument, newest[instrument]);
                }
                assertTrue(client.opened.get().conflatedMessages() > 0);
            }
        }
    }
}
