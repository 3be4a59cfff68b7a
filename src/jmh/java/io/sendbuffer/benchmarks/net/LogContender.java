/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogRetention;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SendLoopGroup;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * This library's log: one append for each message, or for each tick; the loops write, in both modes. The retention is
 * what the other contender's queues may hold, and each subscriber holds the log, so that every one gets everything.
 */
final class LogContender extends OwnContender {
    private static final LogRetention RETENTION =
            LogRetention.DEFAULT.withMaxBytes(64 << 20).withMaxMessages(1 << 20);

    private final BroadcastLog log =
            BroadcastLog.builder(pool).retention(RETENTION).build();
    private final SendLoopGroup loops;

    LogContender(int loops) throws IOException {
        this.loops = SendLoopGroup.start(loops, SendLoop.builder());
    }

    @Override
    public void awaitSessions(int count) throws IOException {
        for (SocketChannel channel : listener.accept(count)) {
            if (loops.add(channel, new SessionListener() {}).subscribe(log, OverrunPolicy.hold()) == null) {
                throw new IllegalStateException("a session ended before it subscribed");
            }
        }
    }

    @Override
    void send(SendBuffer message) {
        check(log.append(message));
    }

    @Override
    void send(SendBatch messages) {
        check(log.append(messages));
    }

    private static void check(long position) {
        if (position < 0) {
            throw new IllegalStateException("the log did not take a tick: " + position);
        }
    }

    /** The readers have everything; the loop is about to end the turn in which it wrote that. */
    @Override
    public long outstandingBuffers() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        while (log.stats().retainedMessages() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        return super.outstandingBuffers();
    }

    @Override
    public void close() throws Exception {
        super.close();
        loops.close();
        log.close();
        pool.close();
    }
}
