/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The publish/subscribe server that a newcomer writes, without settings: each received command is broadcast at once.
 * What came in together goes out together, in one write for each subscriber.
 */
@Timeout(30)
class FirstServerTest {
    private static final int SUBSCRIBERS = 100;
    private static final int COMMANDS_AT_ONCE = 200;
    private static final int ROUNDS = 20;
    private static final int LENGTH = 64;

    private final SendBufferPool pool = Pools.create();
    private final SessionGroup subscribers = new SessionGroup();
    private final List<StubStream> streams = new ArrayList<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger commands = new AtomicInteger();

    private final SessionListener subscriber = new SessionListener() {
        @Override
        public void onOpened(Session session) {
            subscribers.add(session);
            opened.incrementAndGet();
        }
    };

    /** Each byte is a command. */
    private final SessionListener publisher = new SessionListener() {
        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                bytes.get();
                try (SendBuffer message = pool.acquire(LENGTH).seal(LENGTH)) {
                    assertEquals(SUBSCRIBERS, subscribers.broadcast(message));
                }
                commands.incrementAndGet();
            }
        }
    };

    @Test
    void shouldWriteOnceForCommandsThatCameInTogether() throws Exception {
        SendLoop loop = StubKind.loopOver(SendLoop.builder(), new StubSelector(Faults.none()));
        try (LoopRunner runner = loop.start()) {
            for (int i = 0; i < SUBSCRIBERS; i++) {
                StubStream stream = new StubStream();
                streams.add(stream);
                loop.add(new SocketStub(stream), subscriber);
            }
            Await.until("all subscribed", () -> opened.get() == SUBSCRIBERS);
            StubStream pipeline = new StubStream();
            loop.add(new SocketStub(pipeline), publisher);
            for (int round = 1; round <= ROUNDS; round++) {
                pipeline.receive(new byte[COMMANDS_AT_ONCE]);
                int sofar = round * COMMANDS_AT_ONCE;
                Await.until("all is written", () -> commands.get() == sofar && areDrained());
            }
        }
        for (StubStream stream : streams) {
            int writes = stream.writes();
            assertTrue(writes <= ROUNDS, () -> writes + " writes of " + ROUNDS + " pipelines");
        }
    }

    private boolean areDrained() {
        AtomicInteger queued = new AtomicInteger();
        subscribers.forEach(session -> queued.addAndGet(session.queuedMessages()));
        return queued.get() == 0;
    }
}
