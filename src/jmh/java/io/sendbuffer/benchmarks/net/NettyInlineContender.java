/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.netty.channel.SingleThreadIoEventLoop;

/** Publishing on the event loop itself. */
final class NettyInlineContender extends NettyContender {
    private final NettySteps steps;

    NettyInlineContender(NettyTransport transport, boolean tickAtOnce, int sessions) {
        super(transport, tickAtOnce, sessions, 1);
        steps = new NettySteps((SingleThreadIoEventLoop) loop(), transport.submitsAtEndOfTurn());
    }

    @Override
    public void tick(long stamp) {
        shares().get(0).write(stamp, true);
    }

    @Override
    public void run(Phase phase) throws Exception {
        steps.run(phase);
    }
}
