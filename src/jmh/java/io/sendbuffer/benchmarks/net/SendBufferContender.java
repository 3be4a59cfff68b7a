/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SendLoopGroup;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * This library, as its package page shows it, with its defaults except for the limit of a queue: the largest ticks
 * exceed its 4 MiB, and the peers have no such limit.
 */
final class SendBufferContender extends OwnContender {
    private static final QueueLimits LIMITS = QueueLimits.DEFAULT.withMaxQueuedBytes(64 << 20);

    private final SessionGroup group = new SessionGroup();
    private final SendLoopGroup loops;

    SendBufferContender(Mode mode, int loops) throws IOException {
        this.loops = SendLoopGroup.start(
                loops,
                SendLoop.builder()
                        .queueLimits(LIMITS)
                        .writeMode(mode == Mode.INLINE ? WriteMode.INLINE : WriteMode.LOOP));
    }

    @Override
    public void awaitSessions(int count) throws IOException {
        for (SocketChannel channel : listener.accept(count)) {
            group.add(loops.add(channel, new SessionListener() {}));
        }
    }

    @Override
    void send(SendBuffer message) {
        check(group.broadcast(message));
    }

    @Override
    void send(SendBatch messages) {
        check(group.broadcast(messages));
    }

    private void check(int accepted) {
        if (accepted < group.size()) {
            throw new IllegalStateException("only " + accepted + " of " + group.size() + " sessions took a tick");
        }
    }

    @Override
    public void close() throws Exception {
        super.close();
        loops.close();
        pool.close();
    }
}
