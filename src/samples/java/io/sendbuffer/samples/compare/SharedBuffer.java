/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * This library's queues: each message is written once, into off-heap memory that all sessions send. Either sent at
 * once, or collected in a batch, which is sent when the tick ends, its neighbors coalesced. The publisher's thread
 * writes, as that of {@link CopyPerClient} does, so that the two differ in the copies alone.
 */
final class SharedBuffer implements BroadcastDesign {
    static final String PER_MESSAGE = "shared, a write per message";
    static final String PER_TICK = "shared, a write per tick";

    private static final String LOOP_THREAD = "compare-send-loop";

    private final boolean oneWritePerTick;
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final SessionGroup group = new SessionGroup();
    private final SendBatch tick = new SendBatch();
    private final SendLoop loop;
    private final LoopRunner runner;
    private long copiedBytes;

    SharedBuffer(boolean oneWritePerTick) throws IOException {
        this.oneWritePerTick = oneWritePerTick;
        this.loop = SendLoop.builder()
                .roleName(LOOP_THREAD)
                .writeMode(WriteMode.INLINE)
                .build();
        this.runner = loop.start();
    }

    @Override
    public String name() {
        return oneWritePerTick ? PER_TICK : PER_MESSAGE;
    }

    @Override
    public void open(List<SocketChannel> clients) throws IOException {
        for (SocketChannel client : clients) {
            group.add(loop.add(client, new SessionListener() {}));
        }
    }

    @Override
    public void publish(byte[] message) {
        try (SendBuffer buffer = pool.acquire(message.length)) {
            buffer.putBytes(message).seal();
            if (oneWritePerTick) {
                tick.add(buffer);
            } else {
                check(group.size(), group.broadcast(buffer));
            }
        }
        copiedBytes += message.length;
    }

    @Override
    public void endTick() {
        try (tick) {
            if (!tick.isEmpty()) {
                check(group.size(), group.broadcast(tick.seal()));
            }
        }
    }

    private static void check(int expected, int taken) {
        if (taken < expected) {
            throw new IllegalStateException("only " + taken + " of " + expected + " clients took a message or tick");
        }
    }

    @Override
    public long backlogBytes() {
        long[] max = new long[1];
        group.forEach((Session session) -> max[0] = Math.max(max[0], session.queuedBytes()));
        return max[0];
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
        runner.close();
        pool.close();
    }
}
