/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * This library: each message is written once, into off-heap memory that all sessions send. Either written at once, or
 * queued until the tick ends and then written together, with neighbors coalesced.
 */
final class SharedBuffer implements BroadcastDesign {
    private static final String LOOP_THREAD = "compare-send-loop";

    private final boolean oneWritePerTick;
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final SessionGroup group = new SessionGroup();
    private final SendLoop loop;
    private final LoopRunner runner;
    private long copiedBytes;

    SharedBuffer(boolean oneWritePerTick) throws IOException {
        this.oneWritePerTick = oneWritePerTick;
        this.loop = SendLoop.builder().roleName(LOOP_THREAD).build();
        this.runner = loop.start();
    }

    @Override
    public String name() {
        return oneWritePerTick ? "shared, merged gathering writes" : "shared, a write per message";
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
            int expected = group.size();
            int taken = oneWritePerTick ? group.queue(buffer) : group.broadcast(buffer);
            if (taken < expected) {
                throw new IllegalStateException("only " + taken + " of " + expected + " clients took a message");
            }
        }
        copiedBytes += message.length;
    }

    @Override
    public void endTick() {
        if (oneWritePerTick) {
            group.flush();
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
