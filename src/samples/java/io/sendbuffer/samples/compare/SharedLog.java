/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Subscription;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * This library's log: the publisher appends once for all clients, and the loop writes each of them what it has not got
 * yet. Either each message is appended at once, or the tick, as one batch. No client misses anything: the clients hold
 * the log, and the publisher waits for them.
 */
final class SharedLog implements BroadcastDesign {
    static final String PER_MESSAGE = "log, an append per message";
    static final String PER_TICK = "log";

    private static final String LOOP_THREAD = "compare-log-loop";
    private static final Duration MAX_WAIT_FOR_ROOM = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    /** One client: how far behind the log it is, and what was queued for it alone. */
    private record Client(Session session, Subscription place) {
        long backlogBytes() {
            return place.lagInBytes() + session.queuedBytes();
        }
    }

    private final boolean oneAppendPerTick;
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final BroadcastLog log = BroadcastLog.builder(pool).build();
    private final SendBatch tick = new SendBatch();
    private final List<Client> clients = new ArrayList<>();
    private final SendLoop loop;
    private final LoopRunner runner;
    private long copiedBytes;

    SharedLog(boolean oneAppendPerTick) throws IOException {
        this.oneAppendPerTick = oneAppendPerTick;
        this.loop = SendLoop.builder().roleName(LOOP_THREAD).build();
        this.runner = loop.start();
    }

    @Override
    public String name() {
        return oneAppendPerTick ? PER_TICK : PER_MESSAGE;
    }

    @Override
    public void open(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            Session session = loop.add(channel, new SessionListener() {});
            Subscription place = session.subscribe(log, OverrunPolicy.hold());
            if (place == null) {
                throw new IOException("a client left before the first message");
            }
            clients.add(new Client(session, place));
        }
    }

    @Override
    public void publish(byte[] message) throws IOException {
        try (SendBuffer buffer = pool.acquire(message.length)) {
            buffer.putBytes(message).seal();
            if (oneAppendPerTick) {
                tick.add(buffer);
            } else {
                check(log.append(buffer, MAX_WAIT_FOR_ROOM));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the clients hold the log");
        }
        copiedBytes += message.length;
    }

    @Override
    public void endTick() throws IOException {
        try (tick) {
            if (!tick.isEmpty()) {
                check(appendTick());
            }
        }
    }

    /** A batch is appended without waiting, so it is tried until there is room for it. */
    private long appendTick() {
        tick.seal();
        long start = System.nanoTime();
        long position;
        while ((position = log.append(tick)) == BroadcastLog.REFUSED
                && System.nanoTime() - start < MAX_WAIT_FOR_ROOM.toNanos()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return position;
    }

    private static void check(long position) throws IOException {
        if (position == BroadcastLog.REFUSED) {
            throw new IOException("the clients stopped reading, and hold the log");
        }
        if (position < 0) {
            throw new IOException("the log did not take a message or tick: it is larger than the retention");
        }
    }

    @Override
    public long backlogBytes() {
        long max = 0;
        for (Client client : clients) {
            max = Math.max(max, client.backlogBytes());
        }
        return max;
    }

    @Override
    public long copiedBytes() {
        return copiedBytes;
    }

    @Override
    public List<String> helperThreads() {
        return List.of(LOOP_THREAD);
    }

    @Override
    public long outstandingBuffers() {
        return pool.stats().outstandingBuffers();
    }

    @Override
    public void close() {
        log.close();
        runner.close();
        pool.close();
    }
}
