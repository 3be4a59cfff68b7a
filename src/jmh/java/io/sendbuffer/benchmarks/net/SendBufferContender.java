/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * This library, as its package page shows it, with its defaults except for the limit of a queue: the largest ticks
 * exceed its 4 MiB, and the peers have no such limit.
 */
final class SendBufferContender extends Contender {
    private static final QueueLimits LIMITS = QueueLimits.DEFAULT.withMaxQueuedBytes(64 << 20);

    private final JdkListener listener = new JdkListener();
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final SessionGroup group = new SessionGroup();
    private final SendBatch batch = new SendBatch();
    private final SendLoop loop;
    private final LoopRunner runner;
    private byte[] body = {};
    private int messages;

    SendBufferContender(Mode mode) throws IOException {
        loop = SendLoop.builder()
                .queueLimits(LIMITS)
                .writeMode(mode == Mode.INLINE ? WriteMode.INLINE : WriteMode.LOOP)
                .build();
        runner = loop.start();
    }

    @Override
    int listen() {
        return listener.port();
    }

    @Override
    void awaitSessions(int count) throws IOException {
        for (SocketChannel channel : listener.accept(count)) {
            group.add(loop.add(channel, new SessionListener() {}));
        }
    }

    @Override
    void shape(Shape shape) {
        body = new byte[shape.bytes() - Long.BYTES];
        messages = shape.messages();
    }

    @Override
    void tick(long stamp) {
        if (messages == 1) {
            try (SendBuffer message = pool.acquire(Long.BYTES + body.length)) {
                check(group.broadcast(message.putLong(stamp).putBytes(body).seal()));
            }
            return;
        }
        for (int i = 0; i < messages; i++) {
            try (SendBuffer message = pool.acquire(Long.BYTES + body.length)) {
                batch.add(message.putLong(stamp).putBytes(body).seal());
            }
        }
        check(group.broadcast(batch.seal()));
        batch.clear();
    }

    private void check(int accepted) {
        if (accepted < group.size()) {
            throw new IllegalStateException("only " + accepted + " of " + group.size() + " sessions took a tick");
        }
    }

    @Override
    long outstandingBuffers() {
        return pool.stats().outstandingBuffers();
    }

    @Override
    public void close() throws Exception {
        super.close();
        runner.close();
        pool.close();
    }
}
