/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Publishing on another thread, which submits a task for each tick.
 *
 * <p>A tick with another one already waiting behind it is not flushed: the last one flushes for all, as Netty's own
 * {@code FlushConsolidationHandler} does. That makes Netty several times faster here when ticks are small.
 */
final class NettyLoopContender extends NettyContender {
    private final AtomicInteger waiting = new AtomicInteger();

    NettyLoopContender(NettyTransport transport, int sessions) {
        super(transport, sessions);
    }

    @Override
    void tick(long stamp) {
        waiting.incrementAndGet();
        loop.execute(() -> writeTick(stamp, waiting.decrementAndGet() == 0));
    }
}
