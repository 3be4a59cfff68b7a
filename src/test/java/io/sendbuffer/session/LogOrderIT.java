/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Under load: each message that a thread sends to one session alone says how often that thread had appended to each log
 * by then, and its client checks that it has received exactly these.
 */
@ExtendWith(Pools.class)
@Timeout(120)
class LogOrderIT {
    private static final int LOGS = 2;
    private static final int THREADS = 3;
    private static final int SESSIONS = 6;
    private static final int MESSAGES = 80_000;
    private static final int LOG_MESSAGE = 0;
    private static final int PRIVATE_MESSAGE = 1;
    private static final int PADDING = 80;

    /** More than a queue's ring takes without segments: it becomes small again soon after. */
    private static final int MAX_BURST = 1_200;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final long seed = TestSeed.next();
    private final SendBufferPool pool = Pools.create();
    private final List<BroadcastLog> logs = IntStream.range(0, LOGS)
            .mapToObj(i -> BroadcastLog.builder(pool).build())
            .toList();
    private final List<Session> sessions = new CopyOnWriteArrayList<>();
    private final AtomicLongArray appended = new AtomicLongArray(LOGS);
    private final AtomicLongArray sent = new AtomicLongArray(SESSIONS);

    private final class Subscribing implements SessionListener {
        @Override
        public void onOpened(Session session) {
            for (BroadcastLog log : logs) {
                assertNotNull(session.subscribe(log, OverrunPolicy.hold()));
            }
            sessions.add(session);
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldKeepTheOrderOfTheCallsOfEachOfSeveralThreads(WriteMode mode) throws Exception {
        List<Future<long[]>> clients = new ArrayList<>();
        try (ServerSocketChannel server = Loopback.listen(SESSIONS);
                SendLoopGroup loops = SendLoopGroup.start(
                        2, SendLoop.builder().writeMode(mode).sendBufferSize(8 << 10))) {
            loops.listen(server, connection -> new Subscribing());
            for (int i = 0; i < SESSIONS; i++) {
                SocketChannel channel = Loopback.connect(server, 0);
                clients.add(Threads.start(() -> new Client(channel).read()));
            }
            Await.until("all have subscribed", () -> sessions.size() == SESSIONS);
            Threads.runTogether(THREADS, this::publish);
            sessions.forEach(session -> session.close(PATIENCE));
            long privates = 0;
            for (Future<long[]> client : clients) {
                long[] received = Threads.join(client);
                for (int i = 0; i < LOGS; i++) {
                    assertEquals(appended.get(i), received[i], "of log " + i + TestSeed.hint(seed));
                }
                privates += received[LOGS];
            }
            assertEquals(IntStream.range(0, SESSIONS).mapToLong(sent::get).sum(), privates, TestSeed.hint(seed));
        }
        logs.forEach(BroadcastLog::close);
        assertEquals(0, pool.stats().outstandingBuffers(), TestSeed.hint(seed));
    }

    private void publish(int thread) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed + thread);
        long[] counts = new long[LOGS];
        int burst = 0; // of messages to one session: its queue grows, and becomes small again
        int to = 0;
        for (int i = 0; i < MESSAGES; i++) {
            if (burst == 0 && random.nextInt(3) == 0) {
                burst = 1 + (random.nextInt(200) == 0 ? random.nextInt(MAX_BURST) : 0);
                to = random.nextInt(SESSIONS);
            }
            if (burst > 0) {
                burst--;
                try (SendBuffer message = message(PRIVATE_MESSAGE, thread, 0, counts)) {
                    if (sessions.get(to).send(message) == OfferResult.QUEUED) {
                        sent.incrementAndGet(to);
                    }
                }
            } else {
                int log = random.nextInt(LOGS);
                counts[log]++;
                try (SendBuffer message = message(LOG_MESSAGE, thread, log, counts)) {
                    assertTrue(logs.get(log).append(message, PATIENCE) >= 0, TestSeed.hint(seed));
                    appended.incrementAndGet(log);
                }
            }
        }
    }

    private SendBuffer message(int kind, int thread, int log, long[] counts) {
        SendBuffer message = pool.acquire(3 + Long.BYTES * LOGS + PADDING);
        message.putByte(kind).putByte(thread).putByte(log);
        for (long count : counts) {
            message.putLong(count);
        }
        return message.putBytes(new byte[PADDING]).seal();
    }

    /** Checks every message that it reads. */
    private final class Client {
        private final DataInputStream in;
        private final SocketChannel channel;
        private final long[][] seen = new long[THREADS][LOGS];
        private final long[] received = new long[LOGS + 1];

        Client(SocketChannel channel) {
            this.channel = channel;
            this.in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
        }

        /** Returns how many messages came of each log, and for this client alone. */
        long[] read() throws IOException {
            try (channel) {
                while (true) {
                    int kind = in.read();
                    if (kind < 0) {
                        return received;
                    }
                    check(kind, in.readByte(), in.readByte());
                }
            } catch (EOFException e) {
                throw new AssertionError("the stream ended within a message" + TestSeed.hint(seed), e);
            }
        }

        private void check(int kind, int thread, int log) throws IOException {
            if (kind == LOG_MESSAGE) {
                seen[thread][log]++;
            }
            received[kind == LOG_MESSAGE ? log : LOGS]++;
            for (int i = 0; i < LOGS; i++) {
                long count = in.readLong();
                if (kind == PRIVATE_MESSAGE || i == log) {
                    assertEquals(count, seen[thread][i], () -> "of thread " + thread + TestSeed.hint(seed));
                }
            }
            in.skipNBytes(PADDING);
        }
    }
}
