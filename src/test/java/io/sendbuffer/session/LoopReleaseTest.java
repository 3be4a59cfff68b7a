/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loop that would sleep for an hour releases what it wrote before it sleeps. */
@Timeout(60)
class LoopReleaseTest {
    private static final int ROUNDS = 200;
    private static final int LENGTH = 1_000;

    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final SendBatch batch = new SendBatch();
    private final SessionGroup group = new SessionGroup();
    private SendBufferPool pool;
    private SendLoop loop;
    private LoopRunner runner;

    @BeforeEach
    void start() throws Exception {
        pool = Pools.create();
        loop = SendLoop.builder()
                .writeMode(WriteMode.LOOP)
                .selectTime(Duration.ofHours(1))
                .errorHandler(errors::add)
                .build();
        runner = loop.start();
    }

    @AfterEach
    void end() {
        runner.close(); // interrupts the thread, should it still sleep
        assertEquals(List.of(), errors);
    }

    private void fill(int count) {
        for (int number = 0; number < count; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                batch.add(message);
            }
        }
    }

    @Test
    void shouldReleaseWhatItWroteThoughNothingHappensAfterwards() throws Exception {
        try (Loopback one = Loopback.open();
                Loopback two = Loopback.open()) {
            group.add(loop.add(one.ours, new RecordingListener()));
            group.add(loop.add(two.ours, new RecordingListener()));
            for (int round = 0; round < ROUNDS; round++) {
                fill(3);
                assertEquals(2, group.broadcast(batch.seal()));
                batch.clear();
                NumberedMessages.requireMessages(one.readFully(3 * LENGTH), 3, LENGTH);
                NumberedMessages.requireMessages(two.readFully(3 * LENGTH), 3, LENGTH);
                Await.until("everything was released", () -> pool.stats().outstandingBuffers() == 0);
            }
        }
    }

    /** The last write comes when the selector reports that the peer has read. */
    @Test
    void shouldReleaseWhatItWroteToAPeerThatWasSlow() throws Exception {
        try (Loopback slow = Loopback.withSmallBuffers()) {
            group.add(loop.add(slow.ours, new RecordingListener()));
            for (int round = 0; round < 5; round++) {
                fill(800);
                assertEquals(1, group.broadcast(batch.seal()));
                batch.clear();
                NumberedMessages.requireMessages(slow.readFully(800 * LENGTH), 800, LENGTH);
                Await.until("everything was released", () -> pool.stats().outstandingBuffers() == 0);
            }
        }
    }
}
