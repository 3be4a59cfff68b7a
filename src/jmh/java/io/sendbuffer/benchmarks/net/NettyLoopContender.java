/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

/** Publishing on another thread, which submits a task to each event loop for each tick. */
final class NettyLoopContender extends NettyContender {
    NettyLoopContender(NettyTransport transport, boolean tickAtOnce, int sessions, int loops) {
        super(transport, tickAtOnce, sessions, loops);
    }

    @Override
    public void tick(long stamp) {
        for (NettyShare share : shares()) {
            share.submit(stamp);
        }
    }
}
